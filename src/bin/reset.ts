import { oneRow, RecordedLog } from "#sequent/operations";
import { eventTypes, projectors } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { reset } from "../database/migrate.ts";
import { readSettings, type Settings } from "../settings.ts";
import { command, Refused } from "./command.ts";
import { confirm } from "./confirm.ts";
import { count } from "./progress.ts";
import { withAnyDatabase } from "./with-database.ts";

const help = `npm run reset

Deletes everything, for ever: all events, commands and views. Then it makes the tables again, so the blog is as new. A running
blog continues with the empty tables. Only for development: it refuses in production.

  npm run reset              asks first
  npm run reset -- --yes     does not ask, for a script

It also helps if another version of the program made the tables. Other schemas of the database are left alone.
The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  async ({ values }) => {
    if (readSettings().production)
      throw new Refused(
        "NODE_ENV is production, and npm run reset deletes everything. So it does nothing here.",
      );
    if (!values.yes && !process.stdin.isTTY)
      throw new Refused(
        "There is no terminal to ask on, so nothing was deleted. To delete without a question: npm run reset -- --yes",
      );
    await withAnyDatabase(async (database, settings) => {
      const events = await eventsIn(database);
      const what = events === 1 ? "1 event" : `${count(events)} events`;
      const everything = `This deletes ${what} and all views of ${database.description}, for ever.`;
      if (!values.yes) await confirm(everything, await nameOf(database, settings));
      await reset(database.patient, { projectors, eventTypes });
      console.log(`Deleted ${what}, and all views: ${database.description} is empty and up to date.`);
    });
  },
  { options: { yes: { type: "boolean" } } },
);

async function eventsIn({ write }: Database): Promise<number> {
  if (!(await new RecordedLog(write, eventTypes).isThere())) return 0;
  const { events } = await oneRow<{ events: string }>(
    write,
    "select count(*) as events from sequent_schema.events",
  );
  return Number(events);
}

async function nameOf({ write }: Database, { databaseUrl, dataDirectory }: Settings): Promise<string> {
  if (!databaseUrl) return dataDirectory;
  const { name } = await oneRow<{ name: string }>(write, "select current_database() as name");
  return name;
}
