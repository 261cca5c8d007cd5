import type { Knex } from "knex";

/** Who is signed in, the links that were mailed, and forms that wait until somebody has signed in. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("set local lock_timeout = '2s'");
  await knex.raw(`
    create table web_schema.sessions (
      token_hash              bytea          not null,
      id                      uuid           not null default gen_random_uuid(),
      account_id              uuid           not null,
      is_proven               boolean        not null,
      browser                 text           not null,
      created_at              timestamptz    not null default now(),
      seen_at                 timestamptz    not null default now(),
      constraint sessions_pkey primary key (token_hash),
      constraint sessions_id_key unique (id)
    )`);
  await knex.raw("create index sessions_account_id_idx on web_schema.sessions (account_id)");
  await knex.raw(`
    create table web_schema.sign_in_links (
      token_hash              bytea          not null,
      purpose                 text           not null,
      account_id              uuid,
      email                   text,
      return_to               text,
      expires_at              timestamptz    not null,
      constraint sign_in_links_pkey primary key (token_hash),
      constraint sign_in_links_purpose_check check (purpose in ('sign_in', 'address'))
    )`);
  await knex.raw("create index sign_in_links_account_id_idx on web_schema.sign_in_links (account_id)");
  await knex.raw(`
    create table web_schema.kept_forms (
      id                      bytea          not null,
      sealed                  bytea          not null,
      expires_at              timestamptz    not null,
      constraint kept_forms_pkey primary key (id)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table web_schema.kept_forms, web_schema.sign_in_links, web_schema.sessions");
}
