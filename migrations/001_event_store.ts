import type { Knex } from "knex";
import { eventStoreSchema } from "#sequent/operations";

/** Commands, aggregates, events and unique keys, and what guards them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  for (const sql of await eventStoreSchema()) await knex.raw(sql);
}

export async function down(): Promise<void> {
  throw new Error(
    "This migration cannot be taken back: events are not thrown away. To begin with nothing, let DATABASE_URL name an empty database.",
  );
}
