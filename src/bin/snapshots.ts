import { deleteAllSnapshots, deleteOutdatedSnapshots, takeDueSnapshots } from "#sequent/operations";
import { aggregates, eventTypes } from "../blog.ts";
import { command, Refused } from "./command.ts";
import { Progress } from "./progress.ts";
import { withDatabase } from "./with-database.ts";

const help = `npm run snapshots

Takes the snapshots that are due, so that aggregates with a long history load quickly. The blog does so by itself while
it runs; this does it for all of them at once: after an import, or before a start with a new snapshot version. Snapshots
of versions that are older than the program's are deleted.

  npm run snapshots               take the snapshots that are due
  npm run snapshots -- --delete   delete all of them; the next ones are taken from the events alone

The blog may go on serving meanwhile, and this may be stopped at any time: run it again to resume. The database is
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
