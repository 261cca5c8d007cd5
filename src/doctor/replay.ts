import { type Check, orOk } from "./finding.ts";

export const replay: Check = async ({ knex }) => {
  const { rows } = await knex.raw(
    "select count(*)::integer as tables from pg_tables where schemaname = 'replay_schema'",
  );
  const [{ tables }] = rows as [{ tables: number }];
  const what = "there are tables in replay_schema: a replay is under way or was left over";
  return orOk(
    tables > 0 ? [{ level: "warning", what, mend: "npm run replay -- --status" }] : [],
    "none is left over",
  );
};
