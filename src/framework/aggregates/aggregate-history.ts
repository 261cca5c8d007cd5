import type { EventStore, EventStream } from "../store/event-store.ts";
import type { AggregateClass, BaseAggregate } from "./aggregate-root.ts";
import { type Beginning, stateFromJson } from "./snapshot.ts";

/** All events of an aggregate, or a snapshot and the later events. */
export interface AggregateHistory extends Omit<EventStream, "snapshot"> {
  readonly beginning: Beginning | undefined;
}

/**
 * The histories of aggregates of a class, with one query. If a snapshot cannot be read, a second query loads all events.
 */
export async function loadHistories(
  eventStore: EventStore,
  { type, attributes, snapshots }: AggregateClass,
  aggregateIds: readonly string[],
  upTo?: number,
): Promise<AggregateHistory[]> {
  const streams = await eventStore.load(aggregateIds, { snapshotVersion: snapshots?.version, upTo });
  const unreadable: string[] = [];
  const histories = streams.flatMap(({ snapshot, ...stream }): AggregateHistory[] => {
    if (!snapshot || !snapshots || stream.aggregateType !== type)
      return [{ ...stream, beginning: undefined }];
    const state = stateFromJson(attributes, snapshot.state);
    if (state) return [{ ...stream, beginning: { state, version: snapshot.sequenceNumber } }];
    unreadable.push(stream.aggregateId);
    return [];
  });
  if (unreadable.length === 0) return histories;
  const whole = await eventStore.load(unreadable, { upTo });
  return [...histories, ...whole.map((stream) => ({ ...stream, beginning: undefined }))];
}

/** Makes the aggregate from its history. */
export function buildAggregate<A extends BaseAggregate>(
  aggregateClass: AggregateClass<A>,
  { aggregateId, beginning, events }: AggregateHistory,
): A {
  return new aggregateClass(aggregateId).loadFromHistory(events, beginning);
}
