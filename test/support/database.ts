import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { EventTypes, ProjectorClass } from "#sequent/operations";
import * as blog from "../../src/blog.ts";
import { connect, type Database, type DatabaseSettings } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { databaseUrl } from "./postgres.ts";

/** The parts of a program: `src/blog.ts`, or the shop of the tests. */
export interface Program {
  readonly eventTypes: EventTypes;
  readonly projectors: readonly ProjectorClass[];
}

/** A blog on a database of this worker's own, empty before each test. */
export function useBlog(settings: Partial<DatabaseSettings> = {}): {
  readonly blog: blog.Blog;
  readonly database: Database;
} {
  const used = useProgram(blog, blog.createBlog, settings);
  return {
    get blog() {
      return used.running;
    },
    get database() {
      return used.database;
    },
  };
}

/** The same for any program. It is made once for all tests of a file. */
export function useProgram<Running>(
  program: Program,
  create: (database: Database) => Running,
  settings: Partial<DatabaseSettings> = {},
): { readonly running: Running; readonly database: Database } {
  let used: { running: Running; database: Database } | undefined;
  beforeAll(async () => {
    const database = await connect({ ...(await settingsOfWorker()), ...settings });
    await recreate(database, program);
    used = { running: create(database), database };
  }, 60_000);
  beforeEach(async () => {
    if (used) await empty(used.database);
  });
  afterAll(async () => {
    await used?.database.close();
  });
  const present = () => {
    if (!used) throw new Error("The database exists only after beforeAll.");
    return used;
  };
  return {
    get running() {
      return present().running;
    },
    get database() {
      return present().database;
    },
  };
}

/** How many events and commands are stored. */
export async function countStored({ read }: Database): Promise<{ events: number; commands: number }> {
  const { rows } = await read.raw(
    `select (select count(*)::integer from sequent_schema.events) as events,
            (select count(*)::integer from sequent_schema.commands) as commands`,
  );
  return rows[0];
}

/** Each worker has a database of its own, and a data directory. */
export async function settingsOfWorker(name = "test"): Promise<DatabaseSettings & { databaseUrl: string }> {
  const worker = `${name}_${process.env["VITEST_POOL_ID"] ?? "0"}`;
  const checkout = createHash("sha256").update(process.cwd()).digest("hex").slice(0, 8);
  const dataDirectory = join(tmpdir(), `sequent-blog-test-${checkout}`, worker);
  await mkdir(dataDirectory, { recursive: true });
  return {
    databaseUrl: await createDatabase(await databaseUrl(), worker),
    readDatabaseUrl: undefined,
    databasePool: 10,
    dataDirectory,
  };
}

/** From nothing, because an earlier run may have left another schema. */
export async function recreate(
  { write, patient }: Database,
  { projectors, eventTypes }: Program = blog,
): Promise<void> {
  await write.raw(
    "drop schema if exists sequent_schema, view_schema, replay_schema, archive_schema, web_schema cascade",
  );
  await write.raw("drop table if exists knex_migrations, knex_migrations_lock");
  await migrate(patient, { projectors, eventTypes });
}

/**
 * Deletes everything. Triggers protect facts against that, so they are disabled meanwhile. It does not use truncate, which makes
 * new files for each table and index, and takes twenty times as long for small tables.
 */
export async function empty({ write }: Database): Promise<void> {
  const guarded = ["events", "commands", "aggregates"].map((name) => `sequent_schema.${name}`);
  const others = [
    ...["aggregate_unique_keys", "aggregate_snapshots", "deferred_events"],
    ...["parked_aggregates", "subscriptions"],
  ].map((name) => `sequent_schema.${name}`);
  const ofSignIn = ["sessions", "sign_in_links", "kept_forms"].map((name) => `web_schema.${name}`);
  const views: string[] = await write("pg_tables")
    .where({ schemaname: "view_schema" })
    .pluck("tablename")
    .then((names) => names.map((name) => `view_schema.${name}`));
  await write.raw(
    [
      "begin",
      ...guarded.map((table) => `alter table ${table} disable trigger user`),
      ...[...others, ...ofSignIn, ...views, ...guarded].map((table) => `delete from ${table}`),
      ...guarded.map((table) => `alter table ${table} enable trigger user`),
      "commit",
    ].join(";\n"),
  );
}

async function createDatabase(url: string, suffix: string): Promise<string> {
  const own = new URL(url);
  own.pathname = `${own.pathname}_${suffix}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database "${own.pathname.slice(1)}"`);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "42P04" && code !== "23505") throw error; // it exists from an earlier run
  } finally {
    await client.end();
  }
  return own.toString();
}
