import { deleteAllSnapshots, deleteOutdatedSnapshots, takeDueSnapshots } from "#sequent/operations";
import { aggregates, eventTypes } from "../blog.ts";
import { command, Refused } from "./command.ts";
import { Progress } from "./progress.ts";
import { withDatabase } from "./with-database.ts";

const help = `npm run snapshots

Takes the snapshots that are due, so aggregates with a long history load quickly. A running blog does this by itself. This
program takes all of them: after an import, or before a start with a new snapshot version. It deletes snapshots of older
versions.

  npm run snapshots               take the snapshots that are due
  npm run snapshots -- --delete   delete all of them; the next ones are taken from the events alone

The blog may run meanwhile. You may stop this at any time: run it again to resume. The database is
DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  async ({ values }) => {
    await withDatabase(async ({ patient, description }) => {
      if (values.delete) {
        const deleted = await deleteAllSnapshots(patient);
        return console.log(`Deleted ${count(deleted)} of ${description}.`);
      }
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      const progress = new Progress("Taking snapshots", "aggregates");
      const { taken, errors } = await takeDueSnapshots(patient, {
        aggregates,
        eventTypes,
        onProgress: progress.at,
        signal: stop.signal,
      });
      progress.end();
      const deleted = stop.signal.aborted ? 0 : await deleteOutdatedSnapshots(patient, aggregates);
      const how = stop.signal.aborted ? "Stopped: took" : "Took";
      console.log(`${how} ${count(taken)} of ${description}, deleted ${deleted} of older versions.`);
      if (errors.length > 0)
        throw new Refused(`${errors.length} could not be taken. The first: ${errors[0]}`);
    });
  },
  { options: { delete: { type: "boolean" } } },
);

function count(snapshots: number): string {
  return snapshots === 1 ? "1 snapshot" : `${snapshots} snapshots`;
}
