import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { codeOf, oneRow } from "#sequent/operations";

/** The database cannot be used. The message is one line that says what to do. */
export class DatabaseUnavailable extends Error {}

const oldest = 140_000;

interface ServerSettings {
  readonly version: string;
  readonly version_number: number;
  readonly read_only: string;
}

/** The server of a pool. */
interface Server {
  readonly knex: Knex;
  /** In words for a person. */
  readonly description: string;
  /** The setting with its address. The embedded Postgres has none. */
  readonly setting: "DATABASE_URL" | "READ_DATABASE_URL" | undefined;
}

/**
 * Refuses a server that cannot be reached, is too old, or lets a connection for reading write. If there is a replica, the
 * connections that read from the primary share the user and the pooler with those that write. So these get only a warning.
 */
export async function checkServer(write: Server, read: Server, readPrimary?: Server): Promise<void> {
  const settings = await ask(write);
  if (settings.version_number < oldest) {
    throw new DatabaseUnavailable(
      `${write.description} is Postgres ${settings.version}, but 14 or later is needed.`,
    );
  }
  if (settings.read_only === "on") {
    throw new DatabaseUnavailable(
      `${write.description} is read-only, like a replica. Set DATABASE_URL to the primary.`,
    );
  }
  if (!(await isReadOnly(read))) {
    throw new DatabaseUnavailable(
      `${notReadOnly(read)}, or set default_transaction_read_only=on for the user of READ_DATABASE_URL.`,
    );
  }
  if (readPrimary && !(await isReadOnly(readPrimary))) console.warn(`Warning: ${notReadOnly(readPrimary)}.`);
}

async function isReadOnly(server: Server): Promise<boolean> {
  return (await ask(server)).read_only === "on";
}

function notReadOnly({ description }: Server): string {
  return `${description} does not keep the connections for reading read-only, because a pooler drops their "options". Let it pass them on`;
}

/** The embedded Postgres ends when its last client has gone. If we come at that moment, the next connection starts it again. */
const ending = /^57P0[13]$/;

const select = `
select current_setting('server_version') as version,
       current_setting('server_version_num')::integer as version_number,
       current_setting('transaction_read_only') as read_only`;

async function ask(server: Server, deadline = Date.now() + 30_000): Promise<ServerSettings> {
  const { knex, description, setting } = server;
  try {
    return await oneRow<ServerSettings>(knex, select);
  } catch (error) {
    if (!setting && ending.test(codeOf(error) ?? "") && Date.now() < deadline) {
      await sleep(50);
      return ask(server, deadline);
    }
    const why = setting ? reason(error, setting) : error instanceof Error ? error.message : error;
    throw new DatabaseUnavailable(`Cannot use ${description}: ${why}`, { cause: error });
  }
}

function reason(error: unknown, setting: NonNullable<Server["setting"]>): string {
  const without = setting === "DATABASE_URL" ? "use the embedded one" : "read from DATABASE_URL";
  const correct = `correct ${setting}, or leave it out to ${without}.`;
  const advice: Record<string, string> = {
    ECONNREFUSED: `nothing listens there. Start Postgres, or ${correct}`,
    ENOTFOUND: `there is no such host: ${correct}`,
    EAI_AGAIN: `the host cannot be looked up: ${correct}`,
    "28P01": `the user or password is wrong. Correct ${setting}.`,
    "28000": `the user may not connect. Correct ${setting}.`,
    "3D000": `there is no such database. Create it with createdb, or correct ${setting}.`,
    "53300": "it has no connections left. Lower DATABASE_POOL, or raise max_connections of the server.",
  };
  return advice[codeOf(error) ?? ""] ?? `${error instanceof Error ? error.message : error}: ${correct}`;
}
