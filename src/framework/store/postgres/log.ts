import type { EventTypes } from "../../messages/event-types.ts";
import type { LogEntry, LogPosition } from "../event-store.ts";
import { type AskedRow, askedBy } from "./command-row.ts";
import { type EventRow, eventOf } from "./event-row.ts";

/**
 * SQL that is true for an event if no other event can still come before it in the log. Positions are given out before a
 * transaction commits, so a later one can be visible before an earlier one. But no more events can come below the oldest
 * transaction that still runs, or in an epoch that is over. Readers of the log read only such events, in the order of
 * epochs and transactions.
 */
export const isSettled =
  "(epoch, xact_id) < ((select epoch from sequent_schema.current_epoch()), pg_snapshot_xmin(pg_current_snapshot()))";

/** Commands are looked up one by one: left to itself, the planner may read all of them. */
export const loadLog = `
select event.*, command.*
  from (
         select aggregate_id, sequence_number, event_type, event_version, payload, created_at, command_id,
                epoch, xact_id, position
           from sequent_schema.events
          where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
            and ${isSettled}
          order by epoch, xact_id, position
          limit $4
       ) as event
  left join lateral (
         select user_id, cause_aggregate_id, cause_sequence_number, metadata
           from sequent_schema.commands
          where commands.command_id = event.command_id
         offset 0
       ) as command on true
 order by epoch, xact_id, position`;

export interface LogRow extends EventRow, AskedRow {
  readonly command_id: string;
  readonly epoch: number;
  readonly xact_id: string;
  readonly position: string;
}

export function entryOf(row: LogRow, eventTypes: EventTypes): LogEntry {
  return {
    event: eventOf(row, eventTypes),
    commandId: row.command_id,
    ...askedBy(row),
    position: [row.epoch, row.xact_id, row.position].join(":"),
  };
}

/** Epoch, transaction and position of the last event that was read. */
export function keyOf(position: LogPosition = "0:0:0"): string[] {
  const key = position.split(":");
  if (key.length === 3) return key;
  throw new TypeError(`"${position}" is no position of this log. A position looks like "1:4711:42".`);
}
