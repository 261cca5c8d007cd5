import type { Knex } from "knex";
import { rows } from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";

/** A lock was not free in time. The message names the sessions that may hold it, and says how to end them. */
export class DatabaseInUse extends DatabaseUnavailable {
  static async by(knex: Knex, which: "migrating" | "open", what: string): Promise<DatabaseInUse> {
    const holders = await rows<Session>(knex, which === "migrating" ? selectMigrating : selectOpen);
    const sessions = holders.map(
      ({ pid, name, seconds }) =>
        `process ${pid} of the server (${name || "without a name"}, transaction open for ${seconds ?? "?"} s)`,
    );
    const end = holders.map(({ pid }) => `-c "select pg_terminate_backend(${pid})"`).join(" ");
    return new DatabaseInUse(
      sessions.length > 0
        ? `${what}, by ${sessions.join(", ")}. Wait for it, or end it, and run this again: psql "$DATABASE_URL" ${end}`
        : `${what}. Run this again.`,
    );
  }
}

interface Session {
  readonly pid: number;
  readonly name: string | null;
  readonly seconds: number | null;
}

/** Two numbers, because pg_locks shows them unchanged. The event store uses 5 and 6. */
export const migrationLock = [7, 1] as const;

const migrating = `
select pid
  from pg_locks
 where locktype = 'advisory' and granted
   and database = (select oid from pg_database where datname = current_database())
   and (classid, objid, objsubid) = (${migrationLock[0]}, ${migrationLock[1]}, 2)`;

const selectSessions = `
select pid, application_name as name, extract(epoch from clock_timestamp() - xact_start)::integer as seconds
  from pg_stat_activity`;

const selectMigrating = `${selectSessions} where pid in (${migrating}) order by xact_start`;

/** All sessions with a lock on one of our tables, except for the migration. Ids below 16384 belong to Postgres. */
const selectOpen = `
${selectSessions}
 where datname = current_database()
   and pid in (select pid from pg_locks where granted and relation >= 16384)
   and pid <> pg_backend_pid()
   and pid not in (${migrating})
   and backend_type = 'client backend'
 order by xact_start`;
