import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import {
  buildViews,
  changedTables,
  dueProjectors,
  isEventStoreOfThisBuild,
  isLockTimeout,
  NotWired,
  oneRow,
  type ProjectorClass,
  type ViewBuilding,
} from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";
import { dropEverything } from "./drop-everything.ts";
import { missingRight } from "./explain.ts";
import { DatabaseInUse, migrationLock } from "./in-use.ts";
import { MadeByAnotherBuild } from "./made-by-another-build.ts";

const directory = new URL("../../migrations/", import.meta.url);

/**
 * Brings the schema up to date: runs the files in `migrations/` that have not run, then builds the views that are missing
 * or older than their projectors. Several processes may start at once: one does it, the others wait.
 */
export function migrate(knex: Knex, views: ViewBuilding, patienceMs = 30_000): Promise<string[]> {
  return alone(knex, patienceMs, () => migrateAlone(knex, views, patienceMs));
}

async function migrateAlone(knex: Knex, views: ViewBuilding, patienceMs: number): Promise<string[]> {
  await knex.migrate.list(config); // makes the tables of Knex
  await knex.migrate.forceFreeMigrationsLock(config); // nobody holds it any more, because we hold our own lock
  await knex.raw(countOnFromTheLast);
  const retry = <Result>(work: () => Promise<Result>) => whenNotInUse(knex, patienceMs, work);
  const [, applied] = await retry<[number, string[]]>(() => knex.migrate.latest(config));
  await refuseMisfit(knex);
  const built = await retry(() => knex.transaction((transaction) => buildViews(transaction, views)));
  return [...applied, ...built];
}

/**
 * Deletes everything and makes the tables again, in one transaction: a program that runs meanwhile waits for a moment, and then
 * finds empty tables.
 */
export async function reset(knex: Knex, views: ViewBuilding, patienceMs = 30_000): Promise<void> {
  await alone(knex, patienceMs, (outer) =>
    whenNotInUse(knex, patienceMs, () =>
      outer.transaction(async (transaction) => {
        await dropEverything(transaction);
        await migrateAlone(transaction, views, patienceMs);
      }),
    ),
  );
}

/** Migrates only if something is left to do, so a role that may not migrate can use a database that is up to date. */
export async function bringUpToDate(
  { write, patient, description }: ToMigrate,
  views: ViewBuilding,
): Promise<void> {
  const migrated = await isMigrated(write);
  if (migrated && (await dueProjectors(write, views.projectors)).length === 0) return;
  await migrate(patient, views).catch((error) => {
    if (!missingRight(error)) throw error;
    if (migrated) return; // views that are due may wait: the blog says so when it starts
    throw new DatabaseUnavailable(`${description} is not up to date: run "npm run migrate".`, {
      cause: error,
    });
  });
}

interface ToMigrate {
  readonly write: Knex;
  readonly patient: Knex;
  readonly description: string;
}

/** True when every migration has run. Throws `MadeByAnotherBuild`. */
export async function isMigrated(knex: Knex): Promise<boolean> {
  if ((await pendingMigrations(knex)).length > 0) return false;
  await refuseMisfit(knex);
  return true;
}

/** The names of the migrations that have not run. */
export async function pendingMigrations(knex: Knex): Promise<string[]> {
  // Checked first, because Knex would make its tables here, and only one process may do that.
  const select = "select to_regclass('knex_migrations_lock') is not null as noted";
  const { noted } = await oneRow<{ noted: boolean }>(knex, select);
  if (!noted) return (await source.getMigrations([])).map((file) => source.getMigrationName(file));
  const [, pending]: [unknown, string[]] = await knex.migrate.list(config);
  return pending.map((file) => source.getMigrationName(file));
}

/**
 * The reason why this program must not use the tables, if there is one. A newer build may have run migrations of its own: they must
 * keep the tables usable for older builds.
 */
export async function findMisfit(knex: Knex): Promise<MadeByAnotherBuild | undefined> {
  const known = (await source.getMigrations([])).map((file) => source.getMigrationName(file));
  const run = await knex("knex_migrations").pluck<string[]>("name");
  const fits = run.some((name) => !known.includes(name)) || (await isEventStoreOfThisBuild(knex));
  return fits ? undefined : MadeByAnotherBuild.of(knex);
}

/** If the declaration of a table has changed, the table must be built again. Otherwise the first command would fail. */
export async function refuseChangedTables(knex: Knex, projectors: readonly ProjectorClass[]): Promise<void> {
  const changed = await changedTables(knex, projectors);
  if (changed.length === 0) return;
  throw new NotWired(
    changed.map(
      ({ table, columns, projector: { savedName, version } }) =>
        `The declaration of the table "${table}" has changed (${columns.join(", ")}), but ${savedName} still has version ${version}. Raise it: Projector("${savedName}", { version: ${version + 1}, … }).`,
    ),
  );
}

async function refuseMisfit(knex: Knex): Promise<void> {
  const misfit = await findMisfit(knex);
  if (misfit) throw misfit;
}

/** The names have no extension, so compiled files are the same migrations. */
const source: Knex.MigrationSource<string> = {
  getMigrations: async () => {
    const files = await readdir(directory);
    return files.filter((file) => /^\d+_\w+\.[jt]s$/.test(file)).sort();
  },
  getMigrationName: (file) => file.replace(/\.[jt]s$/, ""),
  getMigration: (file) => import(`../../migrations/${source.getMigrationName(file)}.ts`),
};

const config: Knex.MigratorConfig = {
  migrationSource: source,
  tableName: "knex_migrations",
  disableMigrationsListValidation: true, // a newer build may have run a migration that this build does not know
};

/** Postgres frees this lock by itself if the process that migrates is killed. */
async function alone<Result>(
  knex: Knex,
  patienceMs: number,
  work: (transaction: Knex.Transaction) => Promise<Result>,
): Promise<Result> {
  return knex.transaction(async (transaction) => {
    await transaction.raw(`set local lock_timeout = ${patienceMs}`);
    await transaction.raw("select pg_advisory_xact_lock(?, ?)", [...migrationLock]).catch(async (error) => {
      throw isLockTimeout(error)
        ? await DatabaseInUse.by(knex, "migrating", "Another process is migrating")
        : error;
    });
    return work(transaction);
  });
}

/** Logical replication copies the rows of this table, but not the sequence of their ids. */
const countOnFromTheLast =
  "select setval(pg_get_serial_sequence('knex_migrations', 'id'), max(id)) from knex_migrations";

/** Readers hold locks, and all writers would queue behind us. So we wait only a moment for a lock, and try again. */
async function whenNotInUse<Result>(
  knex: Knex,
  patienceMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (Date.now() > deadline)
        throw await DatabaseInUse.by(knex, "open", "A table that has to be changed is in use");
      await sleep(100);
    }
  }
}
