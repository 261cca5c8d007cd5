import { AddAuthor, ConfirmAuthorEmail } from "./domain/author/commands.ts";
import { authorRecords } from "./projections/author/record.ts";
import type { Accounts } from "./web/sign-in/accounts.ts";

/** Who can sign in: the authors. `undefined`, if nobody can. */
export const accounts: Accounts | undefined = {
  table: authorRecords,
  columns: { id: "aggregate_id", name: "name", email: "email", isConfirmed: "is_email_confirmed" },
  emailKey: "author_email",
  signUpPath: "/authors/new",
  confirm: ({ id, email }) => new ConfirmAuthorEmail({ aggregateId: id, userId: id, email }),
  forAnybody: [AddAuthor],
};
