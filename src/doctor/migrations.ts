import { isMadeByThisBuild, MadeByAnotherBuild, pendingMigrations } from "../database/migrate.ts";
import { type Check, orOk } from "./finding.ts";

export const migrations: Check = async ({ knex }) => {
  const pending = await pendingMigrations(knex);
  if (pending.length === 0 && !(await isMadeByThisBuild(knex))) {
    const { what, mend } = MadeByAnotherBuild;
    return [{ level: "problem", what, mend }];
  }
  return orOk(
    pending.map((name) => ({ level: "problem", what: `${name} has not run`, mend: "npm run migrate" })),
    "all have run",
  );
};
