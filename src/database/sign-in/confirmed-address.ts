import type { Knex } from "knex";
import { PostgresConnections } from "#sequent/operations";
import { type AccountsTable, accountsSql } from "./accounts-table.ts";

/** Tells whether an account has shown that its address is its own. It reads where commands are stored, so it is never late. */
export function confirmedAddresses(write: Knex, accounts: AccountsTable): (id: string) => Promise<boolean> {
  const database = new PostgresConnections(write);
  const sql = `select is_confirmed from ${accountsSql(accounts)} as account where id = $1`;
  return async (id) => (await database.first<{ is_confirmed: boolean }>(sql, [id]))?.is_confirmed ?? false;
}
