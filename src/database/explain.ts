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
 * Explains an error. If a lock was not free or a right is missing, the result is one line that says who has it and what to do.
 * Otherwise it is the same error.
 */
export async function explained(error: unknown, place: Place): Promise<unknown> {
  try {
    const right = missingRight(error);
    if (right) return await whoHas(right, error, place);
    const lock = error instanceof StoreUnavailable ? error.cause : error;
    if (!isLockTimeout(lock)) return error;
    return await DatabaseInUse.by(place.write, "open", "A table that is needed is in use");
  } catch {
    return error; // the database is gone, too
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
    owned === "tables" ? " src/database/web-role.sql grants the rights of the running blog." : "";
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
