import { forgetView } from "#sequent/operations";
import { eventTypes, projectors } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { migrate, refuseChangedTables } from "../database/migrate.ts";
import { viewFindings } from "../doctor/views.ts";
import type { Settings } from "../settings.ts";
import { command, Refused } from "./command.ts";
import { Progress } from "./progress.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `npm run migrate

Brings the database up to date: runs the migrations that have not run, and builds the views of projectors that are new or
have a higher version. While it builds them from all events, nobody else can write. So it does that only if there are no
more than REPLAY_AT_START events; with more, "npm run replay" does it while the blog runs.
"npm start" does all of this, too. Run this program if the blog may not change its own schema.

  npm run migrate -- --forget TagProjector   removes the view of a projector that no build has any more

The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  ({ values: { forget } }) =>
    withAnyDatabase((database, settings) =>
      forget === undefined ? bringUpToDate(settings, database) : forgetViewOf(forget, database),
    ),
  { options: { forget: { type: "string" } } },
);

async function bringUpToDate({ replayAtStart }: Settings, { patient, description }: Database): Promise<void> {
  const progress = new Progress("Building views", "events");
  const done = await migrate(patient, {
    ...{ projectors, eventTypes, atMost: replayAtStart, onProgress: progress.at },
  });
  progress.end();
  const what = done.length > 0 ? `ran ${done.join(", ")}` : "nothing to do";
  console.log(`Migrated ${description}: ${what}.`);
  await refuseChangedTables(patient, projectors);
  for (const { what, mend } of await viewFindings(patient, projectors)) console.log(`${what} (${mend})`);
}

async function forgetViewOf(projector: string, { patient, description }: Database): Promise<void> {
  if (projectors.some(({ savedName }) => savedName === projector))
    throw new Refused(`This build has ${projector}. Forget its view with a build that does not have it.`);
  const forgotten = await patient.transaction((transaction) => forgetView(transaction, projector));
  if (!forgotten) throw new Refused(`There is no view of a projector ${projector} in ${description}.`);
  console.log(`The view of ${projector} is gone from ${description}.`);
}
