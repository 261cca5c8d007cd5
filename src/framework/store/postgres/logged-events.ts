import type { LoggedEvent, LogPosition } from "../event-store.ts";
import { type AskedRow, askedColumns, askedOf, eventColumns } from "./columns.ts";
import type { PostgresConnections } from "./connections.ts";
import { isSettled, logKeyOf } from "./log.ts";

/** Which events to read. By default, all stored events. */
export interface WhichEvents {
  readonly aggregateId?: string | undefined;
  /** Only events before which no other event can come: see `isSettled`. A follower of the log reads these. */
  readonly isSettled?: boolean;
}

/** The events after a position, in the order of the log, as they are stored: at most so many, and not much more than 4 MB. */
export async function loggedEvents(
  connections: PostgresConnections,
  after: LogPosition | undefined,
  limit: number,
  which: WhichEvents,
): Promise<LoggedEvent[]> {
  const values = [...logKeyOf(after), limit, ...idIn(which)];
  return toEvents(await connections.all<LoggedRow>(eventsAfter(which), values));
}

/** The next events that are settled: those of these types, and the last one, so a reader knows where to go on. */
export async function settledEvents(
  connections: PostgresConnections,
  after: LogPosition,
  limit: number,
  types: readonly string[] | undefined,
): Promise<LoggedEvent[]> {
  if (!types) return loggedEvents(connections, after, limit, { isSettled: true });
  return toEvents(await connections.all<LoggedRow>(eventsOfTypes, [...logKeyOf(after), limit, types]));
}

/** The events of an aggregate from a number up to a position of the log. */
export async function loggedEventsOf(
  connections: PostgresConnections,
  aggregateId: string,
  from: number,
  upTo: LogPosition,
  limit: number,
): Promise<LoggedEvent[]> {
  const values = [...logKeyOf(upTo), limit, aggregateId, from];
  return toEvents(await connections.all<LoggedRow>(eventsOf, values));
}

function toEvents(rows: readonly LoggedRow[]): LoggedEvent[] {
  return rows.map((row) => ({ ...row, ...askedOf(row) }));
}

type LoggedRow = Omit<LoggedEvent, keyof AskedRow> & AskedRow;

export const idIn = ({ aggregateId }: WhichEvents) => (aggregateId === undefined ? [] : [aggregateId]);

export const conditions = (which: WhichEvents, place: string) => `
   ${which.aggregateId === undefined ? "" : `and aggregate_id = ${place}`}
   ${which.isSettled ? `and ${isSettled}` : ""}`;

export const positionText = "concat_ws(':', event.epoch, event.xact_id, event.position)";

/** Commands and aggregates are looked up by their keys: without "offset 0", the planner may read all of them. */
const logged = (events: string) => `
select event.aggregate_id as "aggregateId",
       aggregate.aggregate_type as "aggregateType",
       ${eventColumns},
       event.command_id as "commandId",
       command.command_type as "commandType",
       ${positionText} as position,
       ${askedColumns}
  from (
         select *, sum(pg_column_size(payload)) over (order by epoch, xact_id, position) as bytes
           from (${events}) as found
       ) as event
 cross join lateral (
         select * from sequent_schema.aggregates where aggregates.aggregate_id = event.aggregate_id offset 0
       ) as aggregate
 cross join lateral (
         select * from sequent_schema.commands where commands.command_id = event.command_id offset 0
       ) as command
 where event.bytes - pg_column_size(event.payload) < 4000000
 order by event.epoch, event.xact_id, event.position`;

const eventsAfter = (which: WhichEvents) =>
  logged(`
         select *
           from sequent_schema.events
          where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
            ${conditions(which, "$5")}
          order by epoch, xact_id, position
          limit $4`);

/** Of the others, only the last one is read with its payload and looked up. */
const eventsOfTypes = logged(`
         select *
           from (
                  select *, lead(position) over (order by epoch, xact_id, position) is null as is_last
                    from (
                           select *
                             from sequent_schema.events
                            where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
                              and ${isSettled}
                            order by epoch, xact_id, position
                            limit $4
                         ) as next
                ) as page
          where is_last or event_type = any ($5::text[])`);

const eventsOf = logged(`
         select *
           from sequent_schema.events
          where aggregate_id = $5 and sequence_number >= $6
            and (epoch, xact_id, position) <= ($1::integer, $2::xid8, $3::bigint)
          order by sequence_number
          limit $4`);
