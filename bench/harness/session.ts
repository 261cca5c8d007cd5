import { beginSession } from "../../test/support/sessions.ts";
import type { Store } from "./store.ts";

/** The headers of requests of somebody who is signed in to this account. */
export async function signedInAs(store: Store, accountId: string): Promise<{ readonly Cookie: string }> {
  return { Cookie: `session=${await beginSession(store.database, accountId)}` };
}
