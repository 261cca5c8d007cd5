import type { Accounts } from "./web/sign-in/accounts.ts";

/** Who can sign in. `undefined`: nobody can, and everybody may send every form. */
export const accounts: Accounts | undefined = undefined;
