import type { Knex } from "knex";

/** Mails while you develop without a mail server. In production it stays empty. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  await knex.raw(`
    create table web_schema.mailbox (
      id                      bigint         generated always as identity,
      recipient               text           not null,
      subject                 text           not null,
      text                    text           not null,
      sent_at                 timestamptz    not null default now(),
      constraint mailbox_pkey primary key (id)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table web_schema.mailbox");
}
