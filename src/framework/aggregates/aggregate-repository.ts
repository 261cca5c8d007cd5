import { VersionConflict, WrongAggregateType } from "../errors/aggregate-errors.ts";
import {
  AggregateAlreadyExists,
  AggregateClosed,
  AggregateNotFound,
  type AggregateReference,
} from "../errors/store-errors.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import { composeKey, type EventStore, type UnitOfWork } from "../store/event-store.ts";
import { AggregateReader, type LoadedAggregate } from "./aggregate-reader.ts";
import type { AggregateClass, BaseAggregate } from "./aggregate-root.ts";
import { type DueForSnapshot, isSnapshotDue } from "./snapshot-taker.ts";
import { type Keys, keyChanges, keysOf } from "./unique-keys.ts";

interface Tracked extends LoadedAggregate {
  /** The number of its events in the store when it was loaded; 0 if it was added. */
  readonly loadedVersion: number;
  readonly loadedKeys: Keys;
}

/** The aggregates of one unit of work. Each is loaded once, and their events are stored together. */
export class AggregateRepository {
  readonly #eventStore: EventStore;
  readonly #reader: AggregateReader;
  readonly #gate: HandlerGate;
  readonly #tracked = new Map<string, Tracked>();
  readonly #required = new Map<string, AggregateReference>();
  #seen: { readonly aggregateId: string; readonly version: number } | undefined;

  constructor(eventStore: EventStore, gate = new HandlerGate()) {
    this.#eventStore = eventStore;
    this.#reader = new AggregateReader(eventStore);
    this.#gate = gate;
  }

  addAggregate(aggregate: BaseAggregate): void {
    this.#gate.check("addAggregate", "was called");
    const known = this.#tracked.get(aggregate.id);
    if (known && known.aggregate !== aggregate) throw new AggregateAlreadyExists([aggregate.id]);
    if (!known) this.#track({ aggregate, loadedVersion: 0, loadedKeys: new Map(), snapshotAt: 0 });
  }

  /** Throws `AggregateNotFound`, or `WrongAggregateType` for one of another class. */
  loadAggregate<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, aggregateId: string): Promise<A> {
    return this.#load("loadAggregate", aggregateClass, [aggregateId], ([aggregate]) =>
      existing(aggregate, aggregateClass, aggregateId),
    );
  }

  /** Several with one query, each once, in the order of the ids. */
  loadAggregates<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateIds: readonly string[],
  ): Promise<A[]> {
    const ids = [...new Set(aggregateIds)];
    return this.#load("loadAggregates", aggregateClass, ids, (aggregates) =>
      ids.map((id, index) => existing(aggregates[index], aggregateClass, id)),
    );
  }

  /** As `loadAggregate`, but undefined instead of `AggregateNotFound`. */
  findAggregate<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
  ): Promise<A | undefined> {
    return this.#load("findAggregate", aggregateClass, [aggregateId], ([aggregate]) => aggregate);
  }

  /**
   * The aggregate as it was after this many events, or at a time. It is only to look at: events that you apply to it are not
   * stored. Throws `AggregateNotFound` if it did not exist then, or never had that many events.
   */
  loadAggregateAsOf<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
    moment: number | Date,
  ): Promise<A> {
    return this.#gate.load("loadAggregateAsOf", async () => {
      const aggregate = await this.#reader.findAsOf(aggregateClass, aggregateId, moment);
      return existing(aggregate, aggregateClass, aggregateId);
    });
  }

  /**
   * The aggregate as the user saw it, only to look at. It is the same object if it still has that version, or if no
   * version is given. It has no events if it never had that version.
   */
  loadAsSeen<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregate: A,
    version: number | undefined,
  ): Promise<A> {
    return this.#gate.load("loadAsSeen", async () => {
      if (version === undefined || version === aggregate.version) return aggregate;
      const seen = await this.#reader.findAsOf(aggregateClass, aggregate.id, version);
      return seen ?? new aggregateClass(aggregate.id);
    });
  }

  findByUniqueKey<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    scope: string,
    key: string,
  ): Promise<A | undefined> {
    return this.#gate.load("findByUniqueKey", async () => {
      const composed = composeKey(scope, key);
      for (const { aggregate } of this.#tracked.values())
        if (keysOf(aggregate).has(composed)) return this.#known(aggregateClass, aggregate.id);
      const aggregateId = await this.#eventStore.findByUniqueKey(scope, key);
      if (aggregateId === undefined || this.#tracked.has(aggregateId)) return undefined; // it gave up the key in this unit
      return this.findAggregate(aggregateClass, aggregateId);
    });
  }

  containsAggregate(aggregateClass: AggregateClass, aggregateId: string): Promise<boolean> {
    return this.#gate.load("containsAggregate", async () => {
      const known = this.#tracked.get(aggregateId);
      if (known) return known.aggregate instanceof aggregateClass;
      return (await this.#eventStore.aggregateType(aggregateId)) === aggregateClass.type;
    });
  }

  /** The references of a command must exist and be open. The store checks this in the statement that stores the unit. */
  requireReferences(command: BaseCommand): void {
    for (const { aggregateType, idsIn } of command.class.references)
      for (const aggregateId of idsIn(command)) this.#require({ aggregateType, aggregateId });
  }

  /** All aggregates that this unit of work has loaded or added, with their changes so far. */
  get aggregates(): readonly BaseAggregate[] {
    return Array.from(this.#tracked.values(), ({ aggregate }) => aggregate);
  }

  /** From now on, this aggregate can be loaded only if it has the version that the user saw. */
  expectSeenVersion(aggregateId: string, version: number | undefined): void {
    this.#seen = version === undefined ? undefined : { aggregateId, version };
  }

  /** The new events since the last call, by aggregate, in the order in which the aggregates were loaded. */
  takeUncommittedEvents(): BaseEvent[] {
    return this.aggregates.flatMap((aggregate) => aggregate.takeUncommittedEvents());
  }

  /** What a unit of work stores in addition to its events. */
  changes(): Pick<UnitOfWork, "newAggregates" | "keyChanges" | "required" | "closed"> {
    const tracked = [...this.#tracked.values()].filter(({ aggregate }) => aggregate.version > 0);
    const added = tracked.filter(({ loadedVersion }) => loadedVersion === 0);
    // An aggregate that was closed before has no new events.
    const closed = tracked.filter(
      ({ aggregate, loadedVersion }) => aggregate.version > loadedVersion && aggregate.isClosed,
    );
    return {
      newAggregates: added.map(({ aggregate }) => aggregate.reference),
      keyChanges: tracked.flatMap(({ aggregate, loadedKeys }) => keyChanges(aggregate, loadedKeys)),
      required: [...this.#required.values()],
      closed: closed.map(({ aggregate }) => aggregate.id),
    };
  }

  dueForSnapshot(): DueForSnapshot[] {
    return [...this.#tracked.values()]
      .filter(({ aggregate, snapshotAt }) => isSnapshotDue(aggregate.class, aggregate.version - snapshotAt))
      .map(({ aggregate }) => ({ aggregateClass: aggregate.class, aggregateId: aggregate.id }));
  }

  #require(reference: AggregateReference): void {
    const { aggregateType, aggregateId } = reference;
    const known = this.#tracked.get(aggregateId);
    if (known && known.aggregate.class.type !== aggregateType) throw new AggregateNotFound(reference);
    if (known?.aggregate.isClosed) throw new AggregateClosed(reference);
    // Somebody else may close a loaded aggregate before this is stored.
    if (known?.loadedVersion !== 0) this.#required.set(`${aggregateType} ${aggregateId}`, reference);
  }

  #load<A extends BaseAggregate, Result>(
    what: string,
    aggregateClass: AggregateClass<A>,
    ids: readonly string[],
    resultOf: (aggregates: (A | undefined)[]) => Result,
  ): Promise<Result> {
    return this.#gate.load(what, async () => {
      const missing = ids.filter((id) => !this.#tracked.has(id));
      const loaded = await (missing.length > 0 ? this.#reader.load(aggregateClass, missing) : []);
      for (const each of loaded) {
        const { id, version } = each.aggregate;
        if (this.#tracked.has(id)) continue; // a second load ran at the same time; there must be only one object
        this.#track({ ...each, loadedVersion: version, loadedKeys: keysOf(each.aggregate) });
      }
      return resultOf(ids.map((id) => this.#known(aggregateClass, id)));
    });
  }

  #track(tracked: Tracked): void {
    tracked.aggregate.standBehind(this.#gate);
    this.#tracked.set(tracked.aggregate.id, tracked);
  }

  #known<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, aggregateId: string): A | undefined {
    const known = this.#tracked.get(aggregateId);
    if (!known) return undefined;
    const { aggregate, loadedVersion } = known;
    if (this.#seen?.aggregateId === aggregateId && this.#seen.version !== loadedVersion)
      throw new VersionConflict(aggregateId, this.#seen.version, loadedVersion);
    if (aggregate instanceof aggregateClass) return aggregate;
    throw new WrongAggregateType(aggregateId, aggregate.class.type, aggregateClass.type);
  }
}

function existing<A>(aggregate: A | undefined, { type }: AggregateClass, aggregateId: string): A {
  if (aggregate === undefined) throw new AggregateNotFound({ aggregateType: type, aggregateId });
  return aggregate;
}
