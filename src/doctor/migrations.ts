import { findMisfit, pendingMigrations } from "../database/migrate.ts";
import { type Check, orOk } from "./finding.ts";

export const migrations: Check = async ({ knex }) => {
  const pending = await pendingMigrations(knex);
  const misfit = pending.length === 0 ? await findMisfit(knex) : undefined;
  if (misfit) return [{ level: "problem", what: misfit.what, mend: misfit.mend }];
  return orOk(
    pending.map((name) => ({ level: "problem", what: `${name} has not run`, mend: "npm run migrate" })),
    "all have run",
  );
};
