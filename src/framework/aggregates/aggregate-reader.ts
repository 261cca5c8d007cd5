import { WrongAggregateType } from "../errors/aggregate-errors.ts";
import type { EventStore, EventStream } from "../store/event-store.ts";
import type { AggregateClass, BaseAggregate } from "./aggregate-root.ts";
import { stateFromJson } from "./snapshot.ts";

type StateValues = Readonly<Record<string, unknown>>;

export interface LoadedAggregate<A extends BaseAggregate = BaseAggregate> {
  readonly aggregate: A;
  /** The number of events in the snapshot that it was loaded from. */
  readonly snapshotAt: number;
}

/**
 * Aggregates as they are, and as they were. It only reads, so a replica is enough.
 *
 *     const past = new AggregateReader(new PostgresEventStore(read, eventTypes), aggregates);
 *     const state = await past.stateAsOf("Post", postId, 7);
 */
export class AggregateReader {
  readonly #eventStore: EventStore;
  readonly #aggregates: readonly AggregateClass[];

  /** The aggregates are those that are asked for by the names of their types. */
  constructor(eventStore: EventStore, aggregates: readonly AggregateClass[] = []) {
    this.#eventStore = eventStore;
    this.#aggregates = aggregates;
  }

  /** Those that exist, with one query; as they were after so many events, if that is given. */
  async load<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateIds: readonly string[],
    upTo?: number,
  ): Promise<LoadedAggregate<A>[]> {
    const snapshotVersion = aggregateClass.snapshots?.version;
    const streams = await this.#eventStore.load(aggregateIds, { snapshotVersion, upTo });
    const loaded = streams.map((stream) => built(aggregateClass, stream));
    const unreadable = streams.filter((_, place) => !loaded[place]).map(({ aggregateId }) => aggregateId);
    const whole = unreadable.length > 0 ? await this.#eventStore.load(unreadable, { upTo }) : [];
    return [...loaded, ...whole.map((stream) => built(aggregateClass, stream))].filter(
      (each) => each !== undefined,
    );
  }

  /** After so many events, or at a time. Undefined if it did not exist then, or never had so many events. */
  async findAsOf<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
    moment: number | Date,
  ): Promise<A | undefined> {
    const version = moment instanceof Date ? await this.#eventStore.versionAt(aggregateId, moment) : moment;
    if (version <= 0) return undefined;
    const [loaded] = await this.load(aggregateClass, [aggregateId], version);
    return loaded?.aggregate.version === version ? loaded.aggregate : undefined;
  }

  /** For code that may not know the classes of aggregates, such as a page. */
  async stateAsOf(
    aggregateType: string,
    aggregateId: string,
    moment: number | Date,
  ): Promise<StateValues | undefined> {
    const aggregateClass = this.#aggregates.find(({ type }) => type === aggregateType);
    if (!aggregateClass)
      throw new TypeError(`No aggregate class is saved as "${aggregateType}". List its module.`);
    try {
      const aggregate = await this.findAsOf(aggregateClass, aggregateId, moment);
      return aggregate && { ...aggregate.state };
    } catch (error) {
      if (error instanceof WrongAggregateType) return undefined;
      throw error;
    }
  }
}

/** Undefined if the snapshot cannot be read: then all events are needed. */
function built<A extends BaseAggregate>(
  aggregateClass: AggregateClass<A>,
  { aggregateId, aggregateType, snapshot, events }: EventStream,
): LoadedAggregate<A> | undefined {
  const { type, attributes } = aggregateClass;
  if (aggregateType !== type) throw new WrongAggregateType(aggregateId, aggregateType, type);
  const aggregate = new aggregateClass(aggregateId);
  if (!snapshot) return { aggregate: aggregate.loadFromHistory(events), snapshotAt: 0 };
  const { sequenceNumber: version } = snapshot;
  const state = stateFromJson(attributes, snapshot.state);
  return state && { aggregate: aggregate.loadFromHistory(events, { state, version }), snapshotAt: version };
}
