import type { Knex } from "knex";
import knex from "knex";
import pg from "pg";
import { typeParsers } from "#sequent/operations";
import type { Settings } from "../settings.ts";
import { checkServer } from "./check-server.ts";
import { EmbeddedPostgres } from "./embedded/embedded-postgres.ts";

/** The connections of one process: one pool stores commands, and another one reads for pages. */
export interface Database {
  readonly write: Knex;
  /** Postgres itself refuses to write on these connections. */
  readonly read: Knex;
  /** Only if `read` leads to another server, such as a replica: reads from the server of `write`, and cannot write. */
  readonly readPrimary: Knex | undefined;
  /** Like `write`, with few connections of its own, for what happens in the background. */
  readonly background: Knex;
  /** Like `write`, but without time limits, for migrations and other long work. */
  readonly patient: Knex;
  /** The database and its address, in words for a person. */
  readonly description: string;
  close(): Promise<void>;
}

export type DatabaseSettings = Pick<
  Settings,
  "databaseUrl" | "readDatabaseUrl" | "databasePool" | "dataDirectory"
>;

/** Connects to `DATABASE_URL`, or starts the embedded Postgres. Throws `DatabaseUnavailable`, which says what to do. */
export async function connect(
  settings: DatabaseSettings,
  embedded = new EmbeddedPostgres(settings.dataDirectory),
): Promise<Database> {
  const { databaseUrl, readDatabaseUrl = databaseUrl, databasePool: max, dataDirectory } = settings;
  const isReadElsewhere = readDatabaseUrl !== databaseUrl;
  const descriptionOf = (url: string | undefined) =>
    url ? `Postgres at ${addressOf(url)}` : `embedded Postgres in ${dataDirectory}/`;
  const description = descriptionOf(databaseUrl);
  const settingsFor = (url: string | undefined): pg.PoolConfig => ({
    ...guards,
    max,
    ...(url ? { connectionString: url } : { ...embedded.connection, ...untilStarted }),
  });
  const pools = {
    patient: new pg.Pool({ ...settingsFor(databaseUrl), ...patience }),
    write: new pg.Pool(settingsFor(databaseUrl)),
    background: new pg.Pool({ ...settingsFor(databaseUrl), ...few }),
    read: new pg.Pool(readOnly(settingsFor(readDatabaseUrl))),
    ...(isReadElsewhere && { readPrimary: new pg.Pool(readOnly(settingsFor(databaseUrl))) }),
  };
  // A broken connection leaves the pool by itself. But without a listener, its error would end the process.
  for (const pool of Object.values(pools)) {
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
  }

  const knexOn = (connectionPool: pg.Pool) =>
    knex({ client: "pg", connectionPool, log: silent, compileSqlOnError: false });
  const [patient, write, read] = [knexOn(pools.patient), knexOn(pools.write), knexOn(pools.read)];
  const background = knexOn(pools.background);
  const readPrimary = pools.readPrimary && knexOn(pools.readPrimary);
  const close = async () => {
    await Promise.all([patient, write, background, read, readPrimary].map((each) => each?.destroy()));
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
  };
  try {
    const setting = databaseUrl ? ("DATABASE_URL" as const) : undefined;
    const reading = isReadElsewhere ? "READ_DATABASE_URL" : setting;
    await checkServer(
      { knex: write, description, setting },
      { knex: read, description: descriptionOf(readDatabaseUrl), setting: reading },
      readPrimary && { knex: readPrimary, description, setting },
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { write, read, readPrimary, background, patient, description, close };
}

/** Knex also throws the errors that it logs, and our messages are better. */
const silent = { warn() {}, error() {}, debug() {}, deprecate() {} };

/** After this time, a statement is given up, and its connection is closed. */
const timeouts: pg.PoolConfig = {
  connectionTimeoutMillis: 2_000,
  query_timeout: 4_000,
  keepAlive: true,
  types: typeParsers,
  application_name: "sequent-blog",
};

/** The server gives up a little earlier by itself. It also ends a session that stops in the middle of a transaction. */
const guards: pg.PoolConfig = {
  ...timeouts,
  statement_timeout: 3_500,
  lock_timeout: 2_500,
  idle_in_transaction_session_timeout: 30_000,
  min: 2, // these stay open with their prepared statements, and need no timer
};

/** One listens, and the others read and note for the subscriptions. */
const few: pg.PoolConfig = { min: 0, max: 4 };

const patience: pg.PoolConfig = {
  query_timeout: 0,
  statement_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  lock_timeout: 2_000, // all others wait behind a statement that waits for a lock
  max: 3, // Knex uses one connection for its lock; a replay reads, writes and renews its beat
};

/** Options in a URL replace separate ones, so ours are added to the URL. */
function readOnly(settings: pg.PoolConfig): pg.PoolConfig {
  const options = "-c default_transaction_read_only=on";
  if (!settings.connectionString) return { ...settings, options };
  const url = new URL(settings.connectionString);
  url.searchParams.set("options", `${url.searchParams.get("options") ?? ""} ${options}`.trim());
  return { ...settings, connectionString: url.toString() };
}

/** The first connection starts the embedded Postgres, which may first have to make its files. */
const untilStarted: pg.PoolConfig = { connectionTimeoutMillis: 30_000 };

/** Host, port and name, without user and password. */
function addressOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host || "localhost"}${pathname}`;
}
