import type { JsonObject } from "../../attributes/attribute.ts";
import type { BaseEvent } from "../../messages/event.ts";
import type { EventTypes, StoredEvent } from "../../messages/event-types.ts";

/** An event as Postgres gives it. */
export interface EventRow {
  readonly aggregate_id: string;
  readonly sequence_number: number;
  readonly event_type: string;
  readonly event_version: number;
  readonly payload: JsonObject;
  readonly created_at: Date;
}

export function eventOf(row: EventRow, eventTypes: EventTypes): BaseEvent {
  return eventTypes.load(storedEventOf(row.aggregate_id, row));
}

/** The id by itself, because the rows of one aggregate do not repeat it. */
export function storedEventOf(aggregateId: string, row: Omit<EventRow, "aggregate_id">): StoredEvent {
  return {
    aggregateId,
    sequenceNumber: row.sequence_number,
    type: row.event_type,
    version: row.event_version,
    payload: row.payload,
    createdAt: row.created_at,
  };
}
