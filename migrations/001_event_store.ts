import type { Knex } from "knex";
import { eventStoreSchema } from "#sequent/operations";

/** The tables and functions of the event store. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  for (const sql of await eventStoreSchema()) await knex.raw(sql);
}

export async function down(): Promise<void> {
  throw new Error(
    "This migration cannot be rolled back, because it would delete all events. To start again, set DATABASE_URL to an empty database.",
  );
}
