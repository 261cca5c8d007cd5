import { AggregateNotFound } from "../errors/store-errors.ts";
import type { EventStore } from "../store/event-store.ts";
import { AggregateRepository, WrongAggregateType } from "./aggregate-repository.ts";
import type { AggregateClass } from "./aggregate-root.ts";
import { AggregateTypes } from "./aggregate-types.ts";

/** The state of an aggregate, by attribute. */
export type StateValues = Readonly<Record<string, unknown>>;

/**
 * Gives past states of aggregates to code that may not know their classes: it names the type and gets the state. It only
 * reads, so it may use a replica.
 *
 *     const past = new AggregateReader(new PostgresEventStore(read, eventTypes), aggregates);
 *     const state = await past.stateAsOf("Post", postId, 7);
 */
export class AggregateReader {
  readonly #eventStore: EventStore;
  readonly #types: AggregateTypes;
  readonly #classes: ReadonlyMap<string, AggregateClass>;

  constructor(eventStore: EventStore, aggregates: readonly AggregateClass[]) {
    this.#eventStore = eventStore;
    this.#types = new AggregateTypes(aggregates);
    this.#classes = new Map(aggregates.map((aggregate) => [aggregate.type, aggregate]));
  }

  /** The state after this many events, or at a time. Undefined if there was no such aggregate, or if it never had that many events. */
  async stateAsOf(
    aggregateType: string,
    aggregateId: string,
    moment: number | Date,
  ): Promise<StateValues | undefined> {
    const aggregateClass = this.#classes.get(aggregateType);
    if (!aggregateClass)
      throw new TypeError(`No aggregate class is saved as "${aggregateType}". List its module.`);
    const repository = new AggregateRepository(this.#eventStore, this.#types);
    try {
      const { state } = await repository.loadAggregateAsOf(aggregateClass, aggregateId, moment);
      return state as StateValues;
    } catch (error) {
      if (error instanceof AggregateNotFound || error instanceof WrongAggregateType) return undefined;
      throw error;
    }
  }
}
