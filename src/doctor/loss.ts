import type { Knex } from "knex";
import { rows } from "#sequent/operations";
import { type Check, type Finding, orOk, problem } from "./finding.ts";

/** Settings of the server with which a crash can lose acknowledged data. */
export const loss: Check = async ({ knex }) =>
  orOk(await lossFindings(knex), "fsync, full_page_writes and synchronous_commit are on");

export async function lossFindings(knex: Knex): Promise<Finding[]> {
  const off = await rows<{ name: string; source: string }>(
    knex,
    `select name, source from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
      order by name`,
  );
  return off.map(({ name, source }) =>
    problem(`${name} is off (set by: ${source}): a crash can lose acknowledged data`, mendOf(name, source)),
  );
}

function mendOf(name: string, source: string): string {
  const psql = (...commands: string[]) =>
    `psql "$DATABASE_URL" ${commands.map((each) => `-c "${each}"`).join(" ")}`;
  if (source === "user") return psql(`alter user current_user reset ${name}`);
  if (source === "database")
    return psql(
      `do \\$\\$ begin execute format('alter database %I reset ${name}', current_database()); end \\$\\$`,
    );
  if (source === "client" || source === "session") return `take ${name} out of DATABASE_URL and PGOPTIONS`;
  return psql(`alter system set ${name} = on`, "select pg_reload_conf()");
}
