import type { Knex } from "knex";

/** How often each address posted. Unlogged, so it is fast. A crash of the server empties it, which does no harm. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  await knex.raw("create schema if not exists web_schema");
  await knex.raw(`
    create unlogged table web_schema.rate_limits (
      key                     text           not null,
      count                   integer        not null,
      ends_at                 timestamptz    not null,
      constraint rate_limits_pkey primary key (key)
    ) with (fillfactor = 50)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("drop schema web_schema cascade");
}
