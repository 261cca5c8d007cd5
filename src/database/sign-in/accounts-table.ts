import { erased } from "#sequent";
import type { Table } from "#sequent/operations";

/** Where the accounts are, in SQL: see `Accounts` in `src/web/sign-in/accounts.ts`. */
export interface AccountsTable {
  readonly table: Table;
  readonly columns: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly isConfirmed?: string;
  };
  readonly emailKey: string;
}

/** The accounts as a table with our names of the columns. An erased account is none. */
export function accountsSql({ table, columns: { id, name, email, isConfirmed } }: AccountsTable): string {
  const confirmed = isConfirmed === undefined ? "false" : isConfirmed;
  return `(select ${id} as id, ${name} as name, ${email} as email, ${confirmed} as is_confirmed
             from view_schema.${table.name} where ${email} <> '${erased}')`;
}
