import type { EventTypes, StoredEvent } from "../../messages/event-types.ts";
import type { LogEntry, LogPosition } from "../event-store.ts";
import { type AskedRow, askedColumns, askedOf, eventColumns } from "./columns.ts";

/**
 * SQL that is true for an event if no other event can still come before it in the log. An event gets its position before its
 * transaction commits, so a later event can be visible before an earlier one. But no new event can come before the oldest
 * transaction that still runs, or in an epoch that is over. Readers of the log read only such events, in the order of
 * epochs and transactions.
 */
export const isSettled =
  "(epoch, xact_id) < ((select epoch from sequent_schema.current_epoch()), pg_snapshot_xmin(pg_current_snapshot()))";

/** Each command is looked up by its key: without this, the planner may read all of them. */
export const loadLog = `
select event.aggregate_id as "aggregateId",
       ${eventColumns},
       event.command_id as "commandId",
       concat_ws(':', event.epoch, event.xact_id, event.position) as position,
       ${askedColumns}
  from (
         select *
           from sequent_schema.events
          where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
            and ${isSettled}
          order by epoch, xact_id, position
          limit $4
       ) as event
  left join lateral (
         select * from sequent_schema.commands where commands.command_id = event.command_id offset 0
       ) as command on true
 order by event.epoch, event.xact_id, event.position`;

export type LogRow = StoredEvent & AskedRow & Pick<LogEntry, "commandId" | "position">;

export function entryOf(row: LogRow, eventTypes: EventTypes): LogEntry {
  const { commandId, position } = row;
  return { event: eventTypes.load(row), commandId, position, ...askedOf(row) };
}

/** Epoch, transaction and position of the last event that was read. */
export function logKeyOf(position: LogPosition = "0:0:0"): string[] {
  const key = position.split(":");
  if (key.length === 3) return key;
  throw new TypeError(`"${position}" is not a position of this log. A position looks like "1:4711:42".`);
}
