import { availableParallelism } from "node:os";
import { projectors } from "../blog.ts";
import { command, NotUnderstood, wholeNumber } from "./command.ts";
import { isStep, ReplayRun } from "./replay-run.ts";
import { withDatabase } from "./with-database.ts";

const help = `Builds views again from all events while the blog goes on, and then replaces the old views by the new ones.

  npm run replay                    the views that are due: of projectors that are new or have a higher version
  npm run replay -- PostProjector   only these; --all for all of them
      --dry-run                     only says what it would do
      --workers <n>                 number of worker processes; by default one less than there are cores
      --batch <n>                   events whose rows are kept in memory until they are stored (20000)
  npm run replay -- --status        shows how far it is
  npm run replay -- --abort         throws away what was built so far
  npm run replay -- --rollback      brings back the views that the last replay replaced, and catches them up
  npm run replay -- --verify        builds the views once more and compares; names the first wrong row

If stopped or killed, run the same command to resume. One step at a time, for the careful:

  npm run replay -- prepare PostProjector     makes the tables, in replay_schema
  npm run replay -- run                       fills the tables
  npm run replay -- catch-up                  adds the events stored meanwhile; as often as you like
  npm run replay -- optimize                  makes indexes and statistics
  npm run replay -- switch                    puts the new views in place

Run it as the owner of the tables. The database is DATABASE_URL or, without it, the embedded one in DATA_DIR.`;

const flag = { type: "boolean" } as const;
const text = { type: "string" } as const;
const options = {
  ...{ all: flag, "dry-run": flag, status: flag, abort: flag, rollback: flag, verify: flag },
  ...{ workers: text, batch: text },
};

await command(
  help,
  async ({ values, positionals }) => {
    const [first = ""] = positionals;
    const step = isStep(first) ? first : undefined;
    const names = step ? positionals.slice(1) : positionals;
    const unknown = names.find((name) => !projectors.some((projector) => projector.savedName === name));
    if (unknown)
      throw new NotUnderstood(
        `There is no "${unknown}". There are: ${projectors.map(({ savedName }) => savedName).join(", ")}.`,
      );
    const cores = Math.max(1, availableParallelism() - 1);
    await withDatabase(async (database) => {
      const run = new ReplayRun(database, {
        workers: wholeNumber("--workers", values.workers ?? String(cores), 1, 64),
        batch: wholeNumber("--batch", values.batch ?? "20000", 1, 1_000_000),
      });
      if (values.status) await run.status();
      else if (values.abort) await run.abort();
      else if (values.verify) await run.verify(names);
      else if (values.rollback) await run.rollBack(names);
      else if (step && step !== "prepare") await run.step(step);
      else await run.replay({ names, all: values.all, dryRun: values["dry-run"], only: step });
    });
  },
  { options, allowPositionals: true },
);
