import { rows } from "#sequent/operations";
import { type Check, orOk, warning } from "./finding.ts";

/** Transactions that have been open for a long time. Readers of the log wait for those that write, and vacuum waits for all. */
export const transactions: Check = async ({ knex, patience }) => {
  const open = await rows<OpenTransaction>(
    knex,
    `
    select activity.pid, activity.application_name as name, activity.datname as database,
           extract(epoch from clock_timestamp() - activity.xact_start)::integer as seconds,
           activity.backend_xid is not null as writes
      from pg_stat_activity as activity
     where (activity.backend_xid is not null or activity.backend_xmin is not null)
       and activity.backend_type = 'client backend'
       and activity.pid <> pg_backend_pid()
       and clock_timestamp() - activity.xact_start > make_interval(secs => ?)
     order by activity.xact_start`,
    [patience],
  );
  const prepared = await rows<{ gid: string }>(knex, "select gid from pg_prepared_xacts order by prepared");
  const findings = [
    ...open.map(({ pid, name, database, seconds, writes }) =>
      warning(
        `process ${pid} (${name || "without a name"}, database ${database}) has a transaction open for ` +
          `${seconds} s and holds back ${writes ? "readers of the log, and vacuum" : "vacuum"}`,
        `psql "$DATABASE_URL" -c "select pg_terminate_backend(${pid})"`,
      ),
    ),
    ...prepared.map(({ gid }) =>
      warning(
        `the prepared transaction ${gid} holds back readers of the log, and vacuum`,
        `psql "$DATABASE_URL" -c "rollback prepared '${gid}'"`,
      ),
    ),
  ];
  return orOk(findings, `none has been open for longer than ${patience} s`);
};

interface OpenTransaction {
  readonly pid: number;
  readonly name: string;
  readonly database: string;
  readonly seconds: number;
  readonly writes: boolean;
}
