import type { BaseCommand } from "#sequent";
import type { Table } from "#sequent/operations";

/** Who can sign in. The rest of this room knows nothing else of them. */
export interface Accounts {
  /** The view that holds the accounts. */
  readonly table: Table;
  /** Its columns. Without `isConfirmed`, no address counts as confirmed. */
  readonly columns: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly isConfirmed?: string;
  };
  /** The scope of the unique key that finds an account by its address in lower case. */
  readonly emailKey: string;
  /** The page on which one makes an account. */
  readonly signUpPath: string;
  /** The command for an address that has just been shown to belong to the account. It may be another address than before. */
  readonly confirm?: (account: { readonly id: string; readonly email: string }) => BaseCommand;
  /** The commands that need nobody: those that make an account. */
  readonly forAnybody: readonly CommandType[];
}

type CommandType = abstract new (...values: never[]) => BaseCommand;
