import { newId } from "#sequent/operations";
import { accounts } from "../../src/accounts.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresSignInStore } from "../../src/database/sign-in/sign-in-store.ts";
import type { Accounts } from "../../src/web/sign-in/accounts.ts";
import { hashOf, newToken } from "../../src/web/sign-in/tokens.ts";

export function storeOf({ write }: Pick<Database, "write">, whoCanSignIn: Accounts): PostgresSignInStore {
  return new PostgresSignInStore(write, whoCanSignIn);
}

/** The token of a session that `storeWithSomebody` knows. */
export const signInOfSomebody = newToken();

/** Also knows a session of a person who has no account in the database. */
export function storeWithSomebody({ write }: Pick<Database, "write">, whoCanSignIn: Accounts) {
  return new StoreWithSomebody(write, whoCanSignIn);
}

class StoreWithSomebody extends PostgresSignInStore {
  override async findSession(tokenHash: Buffer) {
    if (!tokenHash.equals(hashOf(signInOfSomebody))) return super.findSession(tokenHash);
    const [id, account_id] = [newId(), somebody];
    const who = {
      name: "Somebody",
      email: "somebody@example.com",
      is_confirmed: true,
      is_recent: true,
      is_due: false,
    };
    return { id, account_id, ...who, created_at: new Date() };
  }
}

const somebody = newId();

/** A session as a link by mail begins it. Returns its token, which is the value of the cookie. */
export async function beginSession(database: Pick<Database, "write">, accountId: string): Promise<string> {
  if (!accounts) throw new TypeError("Nobody can sign in: see src/accounts.ts.");
  const token = newToken();
  const session = { tokenHash: hashOf(token), accountId, isProven: true, browser: "Firefox on Linux" };
  await storeOf(database, accounts).beginSession(session);
  return token;
}
