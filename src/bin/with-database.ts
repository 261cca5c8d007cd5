import { connect, type Database } from "../database/database.ts";
import { isMigrated } from "../database/migrate.ts";
import { readSettings, type Settings } from "../settings.ts";
import { Refused } from "./command.ts";

/** Lends the database of the settings, where all of its migrations have run, and closes it when the work is done. */
export async function withDatabase(
  work: (database: Database, settings: Settings) => Promise<void>,
): Promise<void> {
  const settings = readSettings();
  const database = await connect(settings);
  try {
    if (!(await isMigrated(database.write)))
      throw new Refused('The database is not up to date. Run "npm run migrate" first.');
    await work(database, settings);
  } finally {
    await database.close();
  }
}
