import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { byProgram } from "../../src/bin/by-program.ts";
import { type Blog, createBlog, eventTypes, projectors } from "../../src/blog.ts";
import { connect, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { isRunning } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";

/** A database for one part of the bench, with the schema of the blog and nothing in it. */
export interface Store {
  readonly blog: Blog;
  readonly database: Database;
  /** For a bare `pg.Client` on the same database. */
  readonly connection: pg.ClientConfig;
  /** For a program of its own on the same database. */
  readonly env: NodeJS.ProcessEnv;
  readonly url: string;
  readonly dataDirectory: string;
}

/** The same for the blog and the yardsticks. */
export const connections = 16;

/** A new database on the server of `DATABASE_URL`. */
export async function createStore(name: string, cleanup: Cleanup): Promise<Store> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "sequent-blog-bench-"));
  cleanup.defer(() => rm(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 }));
  const url = await createDatabase(process.env["DATABASE_URL"] ?? "", name, cleanup);
  const settings = { databaseUrl: url, readDatabaseUrl: undefined, databasePool: connections, dataDirectory };
  const database = await connect(settings);
  cleanup.defer(() => database.close());
  await migrate(database.patient, { projectors, eventTypes });
  return {
    blog: createBlog({ ...database, filters: [byProgram("npm run bench")] }),
    database,
    connection: { connectionString: url },
    env: { DATABASE_URL: url, DATA_DIR: dataDirectory },
    url,
    dataDirectory,
  };
}

const mark = "_bench_";

async function createDatabase(server: string, name: string, cleanup: Cleanup): Promise<string> {
  const url = new URL(server);
  url.pathname = `${url.pathname}${mark}${process.pid}_${name}`;
  const database = url.pathname.slice(1);
  await onServer(server, `create database "${database}"`);
  cleanup.defer(() => onServer(server, `drop database if exists "${database}" with (force)`));
  return url.toString();
}

/** Drops the databases of killed runs. Their names have the number of a process that has ended. */
export async function dropLeftovers(): Promise<void> {
  const server = process.env["DATABASE_URL"] ?? "";
  const prefix = `${new URL(server).pathname.slice(1)}${mark}`;
  const found = await onServer(server, "select datname from pg_database where starts_with(datname, $1)", [
    prefix,
  ]);
  for (const { datname } of found) {
    const pid = Number.parseInt(datname.slice(prefix.length), 10);
    if (!isRunning(pid)) await onServer(server, `drop database if exists "${datname}" with (force)`);
  }
}

async function onServer(url: string, sql: string, values: string[] = []): Promise<{ datname: string }[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ datname: string }>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
