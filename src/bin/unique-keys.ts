import { UniqueKeyBackfill } from "#sequent/operations";
import { aggregates, eventTypes } from "../blog.ts";
import { command, NotUnderstood, wholeNumber } from "./command.ts";
import { Progress } from "./progress.ts";
import { withDatabase } from "./with-database.ts";

const help = `Stores the unique keys of all aggregates again, and which of them are closed. Run it after uniqueKeys or isClosed of a class
was changed.

  npm run unique-keys                all aggregates
  npm run unique-keys -- Author …    only those of these classes
      --dry-run                      only says what would change
      --batch <n>                    how many aggregates at once (500)

Start the new program everywhere first, because an old one would keep writing old keys. It runs while people write, and is
safe to stop and to run again: of each aggregate, all keys are changed or none. If two aggregates want the same key,
both are named at the end, and it ends with 1. At the end of a dry run, others wait for a moment if they change keys.`;

const options = {
  "dry-run": { type: "boolean", default: false },
  batch: { type: "string", default: "500" },
} as const;

await command(
  help,
  async ({ values, positionals }) => {
    const classes = positionals.length > 0 ? positionals.map(classOf) : aggregates;
    const batchSize = wholeNumber("--batch", values.batch, 1, 10_000);
    await withDatabase(async (database) => {
      const progress = new Progress("Comparing keys", "aggregates");
      const dryRun = values["dry-run"];
      const knex = database.patient;
      const { aggregates, changed, closed, conflicts, busy } = await new UniqueKeyBackfill({
        ...{ knex, eventTypes, batchSize, dryRun, onProgress: progress.at },
      }).run(classes);
      progress.end();
      const done = dryRun ? "would be changed; nothing was" : "were changed";
      console.log(
        `Of ${aggregates.toLocaleString("en")} aggregates, the keys of ${changed.toLocaleString("en")} ${done}.`,
      );
      if (closed > 0) console.log(`${closed.toLocaleString("en")} ${dryRun ? "would be" : "were"} closed.`);
      for (const { scope, aggregateId, takenBy } of conflicts)
        console.log(`Not unique: ${aggregateId} wants a key of scope ${scope}, but ${takenBy} has it.`);
      for (const id of busy) console.log(`Not done: ${id} has changed each time. Run this again.`);
      if (conflicts.length + busy.length > 0) process.exitCode = 1;
    });
  },
  { options, allowPositionals: true },
);

function classOf(type: string) {
  const found = aggregates.find((each) => each.type === type);
  if (found) return found;
  const known = aggregates.map((each) => each.type).join(", ");
  throw new NotUnderstood(`There are no aggregates of type "${type}", but ${known}.`);
}
