import { isConnectionLost, messageOf } from "#sequent/operations";
import { connect, type Database } from "../database/database.ts";
import { explained } from "../database/explain.ts";
import { isMigrated } from "../database/migrate.ts";
import { readSettings, type Settings } from "../settings.ts";
import { Refused } from "./command.ts";

type Work = (database: Database, settings: Settings) => Promise<void>;

/** Runs the work on the database of the settings, if all migrations have run, and closes the connections afterwards. */
export function withDatabase(work: Work): Promise<void> {
  return withAnyDatabase(async (database, settings) => {
    if (!(await isMigrated(database.write)))
      throw new Refused('The database is not up to date. Run "npm run migrate" first.');
    await work(database, settings);
  });
}

/** The same, even if migrations are missing. */
export async function withAnyDatabase(work: Work): Promise<void> {
  const settings = readSettings();
  const database = await connect(settings);
  try {
    await work(database, settings);
  } catch (error) {
    const reason = await explained(error, database);
    if (!isConnectionLost(reason)) throw reason;
    throw new Refused(
      `The connection to ${database.description} was lost (${messageOf(reason, [])}): run the same command again.`,
      {
        cause: error,
      },
    );
  } finally {
    await database.close();
  }
}
