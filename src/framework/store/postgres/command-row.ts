import type { JsonObject } from "../../attributes/attribute.ts";
import type { Metadata } from "../../messages/metadata.ts";
import type { StoredCommand } from "../event-store.ts";

/** Who asked for something and why, and what else is known of that. */
export interface AskedRow {
  readonly user_id: string | null;
  readonly cause_aggregate_id: string | null;
  readonly cause_sequence_number: number | null;
  readonly metadata: Metadata | null;
}

export interface CommandRow extends AskedRow {
  readonly command_id: string;
  readonly command_type: string;
  readonly aggregate_id: string;
  readonly payload: JsonObject;
  readonly event_count: number;
  readonly version: number | null;
  readonly created_at: Date;
}

export const findCommands = `
select command_id, command_type, aggregate_id, user_id, payload, metadata,
       cause_aggregate_id, cause_sequence_number, event_count, created_at,
       (select max(sequence_number)
          from sequent_schema.events
         where events.aggregate_id = commands.aggregate_id
           and events.command_id = commands.command_id) as version
  from sequent_schema.commands
 where command_id = any ($1::uuid[])`;

export function commandOf(row: CommandRow): StoredCommand {
  return {
    commandId: row.command_id,
    type: row.command_type,
    aggregateId: row.aggregate_id,
    payload: row.payload,
    ...askedBy(row),
    createdAt: row.created_at,
    eventCount: row.event_count,
    version: row.version ?? undefined,
  };
}

export function askedBy(row: AskedRow): Pick<StoredCommand, "userId" | "cause" | "metadata"> {
  const { cause_aggregate_id: aggregateId, cause_sequence_number: sequenceNumber } = row;
  return {
    userId: row.user_id ?? undefined,
    cause: aggregateId !== null && sequenceNumber !== null ? { aggregateId, sequenceNumber } : undefined,
    metadata: row.metadata ?? undefined,
  };
}
