import type { Knex } from "knex";
import pg from "pg";
import { isEventStoreOfThisBuild, rows } from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";

/** The schemas that the migrations make. */
const schemas = ["sequent_schema", "view_schema", "replay_schema", "archive_schema", "web_schema"];

/**
 * Drops all tables of the program, but nothing of anybody else. The migrations replace the functions. They are dropped only if
 * another build made them, because a running program may have prepared statements that call them, and Postgres does not plan
 * these again.
 */
export async function dropEverything(transaction: Knex.Transaction): Promise<void> {
  const isOurs = await isEventStoreOfThisBuild(transaction);
  const tables = await namesOf(transaction, selectTables);
  try {
    // With a short patience, no deadlock with a running program lasts long enough to end one of the two.
    await transaction.raw("set local lock_timeout = '200ms'");
    if (tables) await transaction.raw(`lock table ${tables} in access exclusive mode; drop table ${tables}`);
    const functions = isOurs ? "" : await namesOf(transaction, selectFunctions);
    if (functions) await transaction.raw(`drop routine ${functions}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "2BP01") throw error;
    throw new DatabaseUnavailable(
      `Nothing was deleted, because something of somebody else depends on these tables. Drop it first:\n${error.detail}`,
      { cause: error },
    );
  }
}

async function namesOf(transaction: Knex.Transaction, select: string): Promise<string> {
  const found = await rows<{ name: string }>(transaction, select, [schemas]);
  return found.map(({ name }) => name).join(", ");
}

/** First those of the views: a command locks them in this order, too. */
const selectTables = `
select format('%I.%I', schemaname, tablename) as name
  from pg_tables
 where schemaname = any (?)
    or (schemaname = current_schema and tablename in ('knex_migrations', 'knex_migrations_lock'))
 order by schemaname = 'view_schema' desc, name`;

const selectFunctions = `
select oid::regprocedure::text as name
  from pg_proc
 where pronamespace in (select oid from pg_namespace where nspname = any (?))`;
