import { findMisfit, pendingMigrations } from "../database/migrate.ts";
import { type Check, orOk, problem } from "./finding.ts";

export const migrations: Check = async ({ knex }) => {
  const pending = await pendingMigrations(knex);
  const misfit = pending.length === 0 ? await findMisfit(knex) : undefined;
  if (misfit) return [problem(misfit.what, misfit.mend)];
  return orOk(
    pending.map((name) => problem(`${name} has not run`, "npm run migrate")),
    "all have run",
  );
};
