import type { JsonObject } from "../../attributes/attribute.ts";
import type { BaseEvent } from "../../messages/event.ts";
import type { EventTypes } from "../../messages/event-types.ts";
import type { EventStream } from "../event-store.ts";
import { type EventRow, storedEventOf } from "./event-row.ts";

/** An event, or none where nothing came after the snapshot. The id stands there where several streams were asked for. */
export type StreamRow = (Omit<EventRow, "aggregate_id"> | { readonly sequence_number: null }) & {
  readonly aggregate_id?: string;
  /** In the first row of a stream, for it would be the same in all of them. */
  readonly beginning: {
    readonly aggregate_type: string;
    readonly snapshot_number: number | null;
    readonly state: JsonObject;
  } | null;
};

/** The rows of one stream. `$2` is the version of its snapshot, `$3` the last number that is wanted. */
const streamOf = (aggregateId: string) => `
select event.sequence_number, event.event_type, event.event_version, event.payload, event.created_at,
       case when event.sequence_number is null
              or event.sequence_number = coalesce(snapshot.sequence_number, 0) + 1
            then json_build_object(
                   'aggregate_type', aggregate.aggregate_type,
                   'snapshot_number', snapshot.sequence_number,
                   'state', snapshot.state
                 )
       end as beginning
  from sequent_schema.aggregates as aggregate
  left join sequent_schema.aggregate_snapshots as snapshot
    on snapshot.aggregate_id = aggregate.aggregate_id
   and snapshot.snapshot_version = $2
   and snapshot.sequence_number <= $3
  left join sequent_schema.events as event
    on event.aggregate_id = aggregate.aggregate_id
   and event.sequence_number > coalesce(snapshot.sequence_number, 0)
   and event.sequence_number <= $3
 where aggregate.aggregate_id = ${aggregateId}`;

/** Most often one is wanted, and that is planned once; a list is planned anew each time. */
export const loadStream = `${streamOf("$1")}
 order by event.sequence_number`;

/** Id by id through the indexes: left to itself, the planner may read all aggregates rather than look up one. */
export const loadStreams = `
select wanted.aggregate_id, stream.*
  from unnest($1::uuid[]) as wanted (aggregate_id)
 cross join lateral (${streamOf("wanted.aggregate_id")} offset 0
       ) as stream
 order by wanted.aggregate_id, stream.sequence_number`;

export function streamsOf(rows: readonly StreamRow[], eventTypes: EventTypes, onlyId = ""): EventStream[] {
  const streams: EventStream[] = [];
  let events: BaseEvent[] = [];
  for (const row of rows) {
    const aggregateId = row.aggregate_id ?? onlyId;
    if (row.beginning) {
      const { aggregate_type: aggregateType, snapshot_number: sequenceNumber, state } = row.beginning;
      events = [];
      if (sequenceNumber !== null)
        streams.push({ aggregateId, aggregateType, snapshot: { sequenceNumber, state }, events });
      else if (row.sequence_number !== null) streams.push({ aggregateId, aggregateType, events });
    }
    if (row.sequence_number !== null) events.push(eventTypes.load(storedEventOf(aggregateId, row)));
  }
  return streams;
}
