import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import knex, { type Knex } from "knex";
import { EmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { reasonOf } from "./reason.ts";

/** The newsletter cannot use its database. The message says why. */
export class DatabaseUnavailable extends Error {}

/** Connects to the database of the newsletter, or starts one that npm brings, and makes what is missing in it. */
export async function openDatabase(url: string | undefined): Promise<Knex> {
  const connection = url ?? new EmbeddedPostgres("data/newsletter").connection;
  const database = knex({ client: "pg", connection, pool: { min: 0, max: 10 }, log: silent });
  try {
    await makeTables(database);
    return database;
  } catch (error) {
    await database.destroy();
    const what = url
      ? "the database of NEWSLETTER_DATABASE_URL"
      : "its own Postgres in data/newsletter. Or set NEWSLETTER_DATABASE_URL (where this says DATABASE_URL)";
    throw new DatabaseUnavailable(`The newsletter cannot use ${what}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Knex also throws the errors that it logs. */
const silent = { warn() {}, error() {}, debug() {}, deprecate() {} };

/** Two processes may start at once: the second one waits. */
async function makeTables(database: Knex): Promise<void> {
  const tables = await readFile(new URL("./tables.sql", import.meta.url), "utf8");
  await database.transaction(async (trx) => {
    await trx.raw("select pg_advisory_xact_lock(hashtext('newsletter'))");
    await trx.raw(tables);
    const value = randomBytes(32).toString("hex");
    await trx("secrets").insert({ name: "links", value }).onConflict("name").ignore();
  });
}

export async function secretOf(database: Knex): Promise<string> {
  const row = await database("secrets").where({ name: "links" }).first<{ value: string }>();
  return row.value;
}
