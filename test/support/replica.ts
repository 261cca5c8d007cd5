import { onTestFinished } from "vitest";
import { eventTypes, projectors } from "../../src/blog.ts";
import { connect, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { createWeb } from "../../src/server/serve.ts";
import { readSettings, type Settings } from "../../src/settings.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { listening } from "./http.ts";
import { OwnServer } from "./own-server.ts";

/** A primary that is migrated, and a streaming replica of it. */
export async function servers({ delayMs = 0 } = {}): Promise<{ primary: OwnServer; replica: OwnServer }> {
  const primary = await OwnServer.start();
  await migrateAll(primary);
  return { primary, replica: await primary.replica({ delayMs }) };
}

export async function migrateAll({ url }: OwnServer): Promise<void> {
  const database = await connectUntilTheEnd({ ...readSettings({}), databaseUrl: url });
  await migrate(database.patient, { projectors, eventTypes });
}

/** The address of pages that read from another server, such as a replica. They share nothing, like another process. */
export async function webProcess(primary: OwnServer, readFrom: OwnServer): Promise<string> {
  const settings: Settings = {
    ...readSettings({}),
    ...{
      databaseUrl: primary.url,
      readDatabaseUrl: readFrom.url,
      sessionSecret: "s".repeat(32),
      rateLimit: false,
    },
  };
  const app = await createWeb(settings, await connectUntilTheEnd(settings), createLog({ level: "silent" }));
  return `http://127.0.0.1:${(await listening(app)).port}`;
}

export async function connectUntilTheEnd(settings: Settings): Promise<Database> {
  const database = await connect(settings);
  onTestFinished(() => database.close());
  return database;
}
