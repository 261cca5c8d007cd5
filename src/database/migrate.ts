import { readdir } from "node:fs/promises";
import type { Knex } from "knex";
import { buildViews, isEventStoreOfThisBuild, type ViewBuilding } from "../framework/index.ts";
import { MadeByAnotherBuild } from "./made-by-another-build.ts";

const directory = new URL("../../migrations/", import.meta.url);

/**
 * Brings the schema up to date: the files in `migrations/` that have not run, then the views that are missing or older
 * than their projectors, from all that happened. Several processes may start at once: one does it, the others wait.
 */
export async function migrate(knex: Knex, views: ViewBuilding): Promise<string[]> {
  await whenUnlocked(() => knex.transaction(makeNotes));
  const [, applied] = await whenUnlocked<[number, string[]]>(() => knex.migrate.latest(config));
  await refuseMisfit(knex);
  const built = await whenUnlocked(() => knex.transaction((transaction) => buildViews(transaction, views)));
  return [...applied, ...built];
}

/** True when every migration has run. Throws `MadeByAnotherBuild`. */
export async function isMigrated(knex: Knex): Promise<boolean> {
  if ((await pendingMigrations(knex)).length > 0) return false;
  await refuseMisfit(knex);
  return true;
}

/** The names of the migrations that have not run. */
export async function pendingMigrations(knex: Knex): Promise<string[]> {
  // Asked first, for Knex would make its notes here, and only `makeNotes` may.
  const { rows } = await knex.raw("select to_regclass('knex_migrations_lock') is not null as noted");
  if (!rows[0].noted) return (await source.getMigrations([])).map((file) => source.getMigrationName(file));
  const [, pending] = await knex.migrate.list(config);
  return (pending as string[]).map((file) => source.getMigrationName(file));
}

/**
 * Says why this program must leave the tables alone, if it must. A newer build may have changed the event store by a
 * migration of its own, which must go on serving this one.
 */
export async function findMisfit(knex: Knex): Promise<MadeByAnotherBuild | undefined> {
  const known = (await source.getMigrations([])).map((file) => source.getMigrationName(file));
  const run = await knex("knex_migrations").pluck<string[]>("name");
  const fits = run.some((name) => !known.includes(name)) || (await isEventStoreOfThisBuild(knex));
  return fits ? undefined : MadeByAnotherBuild.of(knex);
}

async function refuseMisfit(knex: Knex): Promise<void> {
  const misfit = await findMisfit(knex);
  if (misfit) throw misfit;
}

/** Named without their extension, so that compiled files are the same migrations. */
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
  disableMigrationsListValidation: true, // a newer build may have run one that this one does not know
};

/** Where Knex keeps its notes. Made by two at once, its lock would have two rows, and nobody would ever get it. */
async function makeNotes(transaction: Knex.Transaction): Promise<void> {
  await transaction.raw("select pg_advisory_xact_lock(hashtext('knex_migrations'))");
  await transaction.migrate.list(config);
}

async function whenUnlocked<Result>(work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Another process migrates, or a long query holds a lock for which writers would have to queue behind us. */
function isBusy(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return name === "MigrationLocked" || code === "55P03";
}
