import knex, { type Knex } from "knex";
import { EmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { CannotStart } from "./settings.ts";

/** The blog gives up after 2 seconds, so no statement may take longer. */
const timeouts = { statement_timeout: 1_500, query_timeout: 2_000 };

/** Knex also throws the errors that it prints. */
const silent = { warn() {}, error() {}, debug() {}, deprecate() {} };

/** Connects to the database of the search, or starts one that npm brings. */
export async function openDatabase(url: string | undefined): Promise<Knex> {
  const server = url ? { connectionString: url } : new EmbeddedPostgres("data/search").connection;
  const database = knex({ client: "pg", connection: { ...server, ...timeouts }, log: silent });
  await database.raw("select 1").catch((error) => {
    const which = url ? "of SEARCH_DATABASE_URL" : "in data/search";
    throw new CannotStart(
      `The database ${which} cannot be used: ${error.message || error.code}. ` +
        "Set SEARCH_DATABASE_URL to a Postgres of its own, or leave it out.",
    );
  });
  return database;
}
