import type { Knex } from "knex";
import {
  codeOf,
  isLockTimeout,
  oneRow,
  StoreUnavailable,
  serverMessage,
  withCauses,
} from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";
import { DatabaseInUse } from "./in-use.ts";

/**
 * The error as it is. But for a lock that was not free, or a right that is missing, one line that says who has it and what
 * to do. The database is asked only after something has failed.
 */
export async function explained(error: unknown, place: Place): Promise<unknown> {
  try {
    const right = missingRight(error);
    if (right) return await whoHas(right, error, place);
    const lock = error instanceof StoreUnavailable ? error.cause : error;
    if (!isLockTimeout(lock)) return error;
    return await DatabaseInUse.by(place.write, "open", "A table that is needed is in use");
  } catch {
    return error; // the database is gone as well
  }
}

/** The error of Postgres for a right that is missing, if that is the cause of this error. */
export function missingRight(error: unknown): Error | undefined {
  for (const each of withCauses(error)) if (codeOf(each) === "42501") return each;
  return undefined;
}

async function whoHas(right: Error, error: unknown, { write, description }: Place): Promise<Error> {
  const { role, owner, owned } = await oneRow<Roles>(write, selectRoles);
  const before = error instanceof DatabaseUnavailable ? `${error.message} ` : "";
  const lacks = `The role "${role}" lacks a right in ${description}: ${serverMessage(right)}.`;
  const forServing =
    owned === "tables" ? " What the running blog needs is granted by src/database/web-role.sql." : "";
  const advice =
    role === owner
      ? `This role owns the ${owned}: ask somebody who can grant the right, such as a superuser.`
      : `Run this with the DATABASE_URL of "${owner}", who owns the ${owned}.${forServing}`;
  return new DatabaseUnavailable(`${before}${lacks} ${advice}`, { cause: error });
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
