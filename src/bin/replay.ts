import { availableParallelism } from "node:os";
import { projectors } from "../blog.ts";
import { command, NotUnderstood, wholeNumber } from "./command.ts";
import { ReplayRun } from "./replay-run.ts";
import { withDatabase } from "./with-database.ts";

const help = `Builds views again from all events while the blog runs, and then replaces the old views by the new ones.

  npm run replay                    the views that are due: of projectors that are new or have a higher version
  npm run replay -- PostProjector   only these; --all for all of them
      --dry-run                     shows the plan and does nothing
      --workers <n>                 number of worker processes; by default one less than there are cores
      --batch <n>                   events whose rows are kept in memory until they are stored (20000)
  npm run replay -- --status        shows the progress
  npm run replay -- --abort         deletes the new views
  npm run replay -- --rollback      brings back the views that the last replay replaced, and catches them up
  npm run replay -- --verify        builds the views once more and compares; names the first wrong row

If it is stopped or killed, run "npm run replay" to resume.

Run it as the owner of the tables. The database is DATABASE_URL or, without it, the embedded one in DATA_DIR.`;

const flag = { type: "boolean" } as const;
const number = { type: "string" } as const;
const modes = { status: flag, abort: flag, rollback: flag, verify: flag };
const options = { ...modes, all: flag, "dry-run": flag, workers: number, batch: number };

await command(
  help,
  async ({ values, positionals: names }) => {
    const unknown = names.find((name) => !projectors.some((projector) => projector.savedName === name));
    if (unknown)
      throw new NotUnderstood(
        `There is no "${unknown}". There are: ${projectors.map(({ savedName }) => savedName).join(", ")}.`,
      );
    const cores = Math.max(1, availableParallelism() - 1);
    const workers = wholeNumber("--workers", values.workers ?? String(cores), 1, 64);
    const batch = wholeNumber("--batch", values.batch ?? "20000", 1, 1_000_000);
    await withDatabase(async (database) => {
      const run = new ReplayRun(database, { workers, batch });
      if (values.status) await run.status();
      else if (values.abort) await run.abort();
      else if (values.verify) await run.verify(names);
      else if (values.rollback) await run.rollBack();
      else await run.replay(names, { all: values.all ?? false, dryRun: values["dry-run"] ?? false });
    });
  },
  { options, allowPositionals: true },
);
