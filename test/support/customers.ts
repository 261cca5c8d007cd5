import type { Accounts } from "../../src/web/sign-in/accounts.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { customerRecords } from "../fixtures/shop/views/customer-record.ts";

/** The customers of the shop as those who can sign in. */
export const customers: Accounts = {
  table: customerRecords,
  columns: { id: "aggregate_id", name: "name", email: "email" },
  emailKey: "customer_email",
  signUpPath: "/customers/new",
  forAnybody: [AddCustomer],
};
