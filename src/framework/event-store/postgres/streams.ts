import type { JsonObject } from "../../attribute.ts";
import type { BaseEvent, EventTypes } from "../../event.ts";
import type { EventStream } from "../event-store.ts";
import { type EventRow, eventOf } from "./event-row.ts";

/** An event with the type of its aggregate. The first row has the snapshot too, and no event where none came after it. */
export type StreamRow = (EventRow | { readonly aggregate_id: string; readonly sequence_number: null }) & {
  readonly aggregate_type: string;
  readonly snapshot: { readonly sequence_number: number; readonly state: JsonObject } | null;
};

/**
 * The rows of one stream, each table looked up by its key: left to itself, the planner may read all aggregates rather
 * than look up one. `$2` is the version of the snapshot, `$3` the last number that is wanted.
 */
const streamOf = (aggregateId: string) => `
select aggregate.aggregate_id, aggregate.aggregate_type, event.sequence_number,
       event.event_type, event.event_version, event.payload, event.created_at,
       case when event.sequence_number is null or event.sequence_number = snapshot.sequence_number + 1
            then to_json(snapshot)
       end as snapshot
  from (
         select aggregate_id, aggregate_type from sequent_schema.aggregates where aggregate_id = ${aggregateId} offset 0
       ) as aggregate
  left join lateral (
         select sequence_number, state
           from sequent_schema.aggregate_snapshots
          where aggregate_id = ${aggregateId} and snapshot_version = $2 and sequence_number <= $3 offset 0
       ) as snapshot on true
  left join lateral (
         select sequence_number, event_type, event_version, payload, created_at
           from sequent_schema.events
          where aggregate_id = ${aggregateId}
            and sequence_number > coalesce(snapshot.sequence_number, 0) and sequence_number <= $3 offset 0
       ) as event on true`;

/** Most often one is wanted, and that is planned once; a list is planned anew each time. */
export const loadStream = `${streamOf("$1::uuid")}
 order by event.sequence_number`;

export const loadStreams = `
select stream.*
  from unnest($1::uuid[]) as wanted (aggregate_id)
 cross join lateral (${streamOf("wanted.aggregate_id")}
       ) as stream
 order by stream.aggregate_id, stream.sequence_number`;

export function streamsOf(rows: readonly StreamRow[], eventTypes: EventTypes): EventStream[] {
  const streams: (EventStream & { readonly events: BaseEvent[] })[] = [];
  for (const row of rows) {
    const { aggregate_id: aggregateId, aggregate_type: aggregateType, snapshot } = row;
    let stream = streams.at(-1);
    if (stream?.aggregateId !== aggregateId) {
      stream = {
        aggregateId,
        aggregateType,
        ...(snapshot && { snapshot: snapshotOf(snapshot) }),
        events: [],
      };
      streams.push(stream);
    }
    if (row.sequence_number !== null) stream.events.push(eventOf(row, eventTypes));
  }
  return streams.filter(({ snapshot, events }) => snapshot || events.length > 0);
}

function snapshotOf({ sequence_number: sequenceNumber, state }: NonNullable<StreamRow["snapshot"]>) {
  return { sequenceNumber, state };
}
