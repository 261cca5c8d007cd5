import type { Knex } from "knex";
import { type CommandFilter, requireUser } from "#sequent/operations";
import { accounts } from "./accounts.ts";
import { confirmedAddresses } from "./database/sign-in/confirmed-address.ts";
import { publishingFilter } from "./domain/post/publishing-filter.ts";

/** What a filter of the domain may look up. */
interface LookUps {
  isAddressConfirmed(accountId: string): Promise<boolean>;
}

/** The filters of commands that need a confirmed address. */
const needConfirmedAddress: readonly ((lookUps: LookUps) => CommandFilter)[] = [publishingFilter];

/** The filters that every blog has, if somebody can sign in to it. */
export function accountFilters(write: Knex, confirmAddress: boolean): CommandFilter[] {
  if (!accounts) return [];
  const lookUps = { isAddressConfirmed: confirmedAddresses(write, accounts) };
  return [
    requireUser({ except: accounts.forAnybody }),
    ...(confirmAddress ? needConfirmedAddress.map((filterOf) => filterOf(lookUps)) : []),
  ];
}
