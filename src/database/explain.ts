import type { Knex } from "knex";
import { serverMessage } from "../framework/index.ts";
import { DatabaseUnavailable } from "./check-server.ts";

/**
 * The error as it is or, where a role of the database lacks a right, one line that says which role, which right and who
 * has it. It is asked when something has failed, so that nothing has to be asked before.
 */
export async function explained(error: unknown, { write, description }: Place): Promise<unknown> {
  const refusal = missingRight(error);
  if (!refusal) return error;
  const before = error instanceof DatabaseUnavailable ? `${error.message} ` : "";
  const lacks = `The role "%" lacks a right in ${description}: ${serverMessage(refusal)}.`;
  try {
    const { rows } = await write.raw(selectRoles);
    const { role, owner, owned } = rows[0] as Roles;
    const advice =
      role === owner
        ? `Let somebody who may grant it do so: it owns the ${owned}.`
        : `Run this with the DATABASE_URL of "${owner}", who owns the ${owned}.` +
          (owned === "tables" ? ` What the running blog needs is granted by src/database/web-role.sql.` : "");
    return new DatabaseUnavailable(`${before}${lacks.replace("%", role)} ${advice}`, { cause: error });
  } catch {
    return error; // the database is gone as well
  }
}

/** What Postgres refused for want of a right, if that is behind this error. */
export function missingRight(error: unknown): Error | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if ((each as { code?: unknown }).code === "42501") return each;
  return undefined;
}

interface Place {
  readonly write: Knex;
  readonly description: string;
}

interface Roles {
  readonly role: string;
  readonly owner: string;
  readonly owned: "tables" | "database";
}

const selectRoles = `
select current_user as role,
       pg_get_userbyid(coalesce(nspowner, datdba)) as owner,
       case when nspowner is null then 'database' else 'tables' end as owned
  from pg_database
  left join pg_namespace on nspname = 'sequent_schema'
 where datname = current_database()`;
