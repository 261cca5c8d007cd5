import type { Knex } from "knex";
import { subscriptionsSchema } from "#sequent/operations";

/** How far each subscription has come, and what it could not handle. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  for (const sql of await subscriptionsSchema()) await knex.raw(sql);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table sequent_schema.parked_aggregates, sequent_schema.subscriptions");
}
