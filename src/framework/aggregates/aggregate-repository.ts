import type { AggregateReference } from "../errors/store-errors.ts";
import { AggregateAlreadyExists, AggregateClosed, AggregateNotFound } from "../errors/store-errors.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import type { EventStore, KeyChange } from "../store/event-store.ts";
import { type AggregateHistory, buildAggregate, loadHistories } from "./aggregate-history.ts";
import type { AggregateClass, BaseAggregate } from "./aggregate-root.ts";
import { AggregateTypes } from "./aggregate-types.ts";
import { type DueForSnapshot, isSnapshotDue } from "./snapshot-taker.ts";

interface Tracked {
  readonly aggregate: BaseAggregate;
  /** The number of its events in the store when it was loaded; 0 if it was added. */
  readonly loadedVersion: number;
  readonly loadedKeys: readonly string[];
  /** The number of events in the snapshot that it was loaded from. */
  readonly snapshotAt: number;
}

/** The aggregates of one unit of work. Each is loaded once, and their events are stored together. */
export class AggregateRepository {
  readonly #eventStore: EventStore;
  readonly #types: AggregateTypes;
  readonly #gate: HandlerGate;
  readonly #tracked = new Map<string, Tracked>();
  readonly #required = new Map<string, AggregateReference>();
  #expected: { aggregateId: string; version: number } | undefined;

  constructor(eventStore: EventStore, types = new AggregateTypes(), gate = new HandlerGate()) {
    this.#eventStore = eventStore;
    this.#types = types;
    this.#gate = gate;
  }

  addAggregate(aggregate: BaseAggregate): void {
    this.#gate.check("addAggregate", "was called");
    const known = this.#tracked.get(aggregate.id);
    if (known && known.aggregate !== aggregate) throw new AggregateAlreadyExists([aggregate.id]);
    if (!known) this.#track({ aggregate, loadedVersion: 0, loadedKeys: [], snapshotAt: 0 });
  }

  /** Throws `AggregateNotFound`, or `WrongAggregateType` for one of another class. */
  loadAggregate<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, aggregateId: string): Promise<A> {
    return this.#load("loadAggregate", aggregateClass, async () => {
      const aggregate = await this.#find(aggregateClass, aggregateId);
      if (!aggregate) throw new AggregateNotFound({ aggregateType: aggregateClass.type, aggregateId });
      return aggregate;
    });
  }

  /** Several with one query, in the order of the ids. */
  loadAggregates<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateIds: readonly string[],
  ): Promise<A[]> {
    return this.#load("loadAggregates", aggregateClass, async () => {
      const ids = [...new Set(aggregateIds)];
      const missing = ids.filter((id) => !this.#tracked.has(id));
      const histories =
        missing.length > 0 ? await loadHistories(this.#eventStore, aggregateClass, missing) : [];
      const byId = new Map(histories.map((history) => [history.aggregateId, history]));
      return ids.map((aggregateId) => {
        const history = byId.get(aggregateId);
        const aggregate = history
          ? this.#build(aggregateClass, history)
          : this.#known(aggregateClass, aggregateId);
        if (!aggregate) throw new AggregateNotFound({ aggregateType: aggregateClass.type, aggregateId });
        return aggregate;
      });
    });
  }

  /** As `loadAggregate`, but undefined instead of `AggregateNotFound`. */
  findAggregate<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
  ): Promise<A | undefined> {
    return this.#load("findAggregate", aggregateClass, () => this.#find(aggregateClass, aggregateId));
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
    return this.#load("loadAggregateAsOf", aggregateClass, async () => {
      const version = moment instanceof Date ? await this.#eventStore.versionAt(aggregateId, moment) : moment;
      const aggregate = await this.#findAsOf(aggregateClass, aggregateId, version);
      if (aggregate) return aggregate;
      throw new AggregateNotFound({ aggregateType: aggregateClass.type, aggregateId });
    });
  }

  /**
   * The aggregate as the user saw it, only to look at. It is the same object if it still has that version, or if no
   * version is given. It has no events if it never had that version.
   */
  loadAsSeen<A extends BaseAggregate>(aggregate: A, version: number | undefined): Promise<A> {
    return this.#gate.load("loadAsSeen", async () => {
      if (version === undefined || version === aggregate.version) return aggregate;
      const aggregateClass = classOf(aggregate) as AggregateClass<A>;
      return (
        (await this.#findAsOf(aggregateClass, aggregate.id, version)) ?? new aggregateClass(aggregate.id)
      );
    });
  }

  findByUniqueKey<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    scope: string,
    key: string,
  ): Promise<A | undefined> {
    return this.#load("findByUniqueKey", aggregateClass, async () => {
      const composed = composeKey(scope, key);
      for (const { aggregate } of this.#tracked.values()) {
        if (keysOf(aggregate).includes(composed)) return checkClass(aggregateClass, aggregate);
      }
      const aggregateId = await this.#eventStore.findByUniqueKey(scope, key);
      if (aggregateId === undefined || this.#tracked.has(aggregateId)) return undefined; // it gave up the key in this unit
      return this.#find(aggregateClass, aggregateId);
    });
  }

  containsAggregate(aggregateClass: AggregateClass, aggregateId: string): Promise<boolean> {
    return this.#load("containsAggregate", aggregateClass, async () => {
      const known = this.#tracked.get(aggregateId);
      if (known) return known.aggregate instanceof aggregateClass;
      return (await this.#eventStore.aggregateType(aggregateId)) === aggregateClass.type;
    });
  }

  /**
   * The unit is stored only if this other aggregate exists and is open. Otherwise, it fails with `AggregateNotFound` or
   * `AggregateClosed`. The store checks this in the statement that stores the unit, so it costs no query. The type is a
   * text, so one domain need not import a class of another. For an id in a command, declare a `reference()` instead.
   */
  requireAggregate(aggregateType: string, aggregateId: string): void {
    this.#gate.check("requireAggregate", "was called");
    this.#require({ aggregateType, aggregateId });
  }

  requireReferences(command: BaseCommand): void {
    for (const { aggregateType, idsIn } of command.class.references)
      for (const aggregateId of idsIn(command)) this.#require({ aggregateType, aggregateId });
  }

  /** All aggregates that this unit of work has loaded or added, with their changes so far. */
  get aggregates(): readonly BaseAggregate[] {
    return Array.from(this.#tracked.values(), ({ aggregate }) => aggregate);
  }

  /** From now on, this aggregate can be loaded only if it has the version that the user saw. */
  expectVersion(aggregateId: string, version: number | undefined): void {
    this.#expected = version === undefined ? undefined : { aggregateId, version };
  }

  /** The new events since the last call, by aggregate, in the order in which the aggregates were loaded. */
  takeUncommittedEvents(): BaseEvent[] {
    const events: BaseEvent[] = [];
    for (const { aggregate } of this.#tracked.values()) events.push(...aggregate.takeUncommittedEvents());
    return events;
  }

  /** What a unit of work stores in addition to its events. */
  changes(): {
    newAggregates: AggregateReference[];
    keyChanges: KeyChange[];
    required: AggregateReference[];
    closed: string[];
  } {
    const tracked = [...this.#tracked.values()].filter(({ aggregate }) => aggregate.version > 0);
    const added = tracked.filter(({ loadedVersion }) => loadedVersion === 0);
    return {
      newAggregates: added.map(({ aggregate }) => ({
        aggregateId: aggregate.id,
        aggregateType: typeOf(aggregate),
      })),
      keyChanges: tracked.flatMap(keyChangesOf),
      required: [...this.#required.values()],
      closed: tracked.filter(isClosedByThis).map(({ aggregate }) => aggregate.id),
    };
  }

  /** The aggregates that are due for a snapshot. */
  dueForSnapshot(): DueForSnapshot[] {
    const due: DueForSnapshot[] = [];
    for (const { aggregate, snapshotAt } of this.#tracked.values()) {
      const aggregateClass = classOf(aggregate);
      if (isSnapshotDue(aggregateClass, aggregate.version - snapshotAt))
        due.push({ aggregateClass, aggregateId: aggregate.id });
    }
    return due;
  }

  #require(reference: AggregateReference): void {
    const { aggregateType, aggregateId } = reference;
    const known = this.#tracked.get(aggregateId);
    if (known && typeOf(known.aggregate) !== aggregateType) throw new AggregateNotFound(reference);
    if (known?.aggregate.isClosed) throw new AggregateClosed(reference);
    // Somebody else may close a loaded aggregate before this is stored.
    if (known?.loadedVersion !== 0) this.#required.set(`${aggregateType} ${aggregateId}`, reference);
  }

  async #findAsOf<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
    version: number,
  ): Promise<A | undefined> {
    if (version <= 0) return undefined;
    const [history] = await loadHistories(this.#eventStore, aggregateClass, [aggregateId], version);
    if (!history) return undefined;
    checkType(aggregateClass, history);
    const aggregate = buildAggregate(aggregateClass, history);
    return aggregate.version === version ? aggregate : undefined;
  }

  #load<Result>(what: string, aggregateClass: AggregateClass, load: () => Promise<Result>): Promise<Result> {
    return this.#gate.load(what, () => {
      this.#types.check(aggregateClass);
      return load();
    });
  }

  async #find<A extends BaseAggregate>(
    aggregateClass: AggregateClass<A>,
    aggregateId: string,
  ): Promise<A | undefined> {
    const known = this.#known(aggregateClass, aggregateId);
    if (known) return known;
    const [history] = await loadHistories(this.#eventStore, aggregateClass, [aggregateId]);
    return history && this.#build(aggregateClass, history);
  }

  #known<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, aggregateId: string): A | undefined {
    const known = this.#tracked.get(aggregateId);
    if (!known) return undefined;
    this.#checkVersion(known);
    return checkClass(aggregateClass, known.aggregate);
  }

  #build<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, history: AggregateHistory): A {
    const known = this.#known(aggregateClass, history.aggregateId);
    if (known) return known; // a second load ran at the same time; there must be only one object
    checkType(aggregateClass, history);
    const aggregate = buildAggregate(aggregateClass, history);
    this.#track({
      aggregate,
      loadedVersion: aggregate.version,
      loadedKeys: keysOf(aggregate),
      snapshotAt: history.beginning?.version ?? 0,
    });
    return aggregate;
  }

  #track(tracked: Tracked): void {
    this.#types.check(classOf(tracked.aggregate));
    this.#checkVersion(tracked);
    tracked.aggregate.standBehind(this.#gate);
    this.#tracked.set(tracked.aggregate.id, tracked);
  }

  #checkVersion({ aggregate, loadedVersion }: Tracked): void {
    if (this.#expected?.aggregateId !== aggregate.id || this.#expected.version === loadedVersion) return;
    throw new VersionConflict(aggregate.id, this.#expected.version, loadedVersion);
  }
}

/** The aggregate has changed since the user saw it. Answer with 409 and show both. */
export class VersionConflict extends Error {
  readonly aggregateId: string;
  readonly seenVersion: number;
  readonly actualVersion: number;

  constructor(aggregateId: string, seenVersion: number, actualVersion: number) {
    super(`${aggregateId} is not at version ${seenVersion} any more, but at ${actualVersion}.`);
    this.aggregateId = aggregateId;
    this.seenVersion = seenVersion;
    this.actualVersion = actualVersion;
  }
}

/** The aggregate with this id has another class. Answer with 404. */
export class WrongAggregateType extends Error {
  readonly aggregateId: string;
  readonly actualType: string;
  readonly expectedType: string;

  constructor(aggregateId: string, actualType: string, expectedType: string) {
    super(`${aggregateId} is a ${actualType}, not a ${expectedType}.`);
    this.aggregateId = aggregateId;
    this.actualType = actualType;
    this.expectedType = expectedType;
  }
}

function checkClass<A extends BaseAggregate>(aggregateClass: AggregateClass<A>, aggregate: BaseAggregate): A {
  if (aggregate instanceof aggregateClass) return aggregate;
  throw new WrongAggregateType(aggregate.id, typeOf(aggregate), aggregateClass.type);
}

function checkType({ type }: AggregateClass, { aggregateId, aggregateType }: AggregateHistory): void {
  if (aggregateType !== type) throw new WrongAggregateType(aggregateId, aggregateType, type);
}

function classOf(aggregate: BaseAggregate): AggregateClass {
  return aggregate.constructor as AggregateClass;
}

function typeOf(aggregate: BaseAggregate): string {
  return classOf(aggregate).type;
}

/** True if this unit closed it: an aggregate that was closed before has no new events. */
function isClosedByThis({ aggregate, loadedVersion }: Tracked): boolean {
  return aggregate.version > loadedVersion && aggregate.isClosed;
}

/** A scope and a key as one text, to compare. */
export function composeKey(scope: string, key: string): string {
  return JSON.stringify([scope, key]);
}

/** The keys of an aggregate, each as one text. */
export function keysOf(aggregate: BaseAggregate): string[] {
  const keys = Object.entries(aggregate.uniqueKeys).flatMap(([scope, keys]) =>
    (typeof keys === "string" ? [keys] : keys).map((key) => composeKey(scope, key)),
  );
  return [...new Set(keys)];
}

function keyChangesOf({ aggregate, loadedKeys }: Tracked): KeyChange[] {
  const keys = keysOf(aggregate);
  const change = (composed: string, taken: boolean): KeyChange => {
    const [scope, key] = JSON.parse(composed) as [string, string];
    return { scope, key, aggregateId: aggregate.id, taken };
  };
  return [
    ...loadedKeys.filter((key) => !keys.includes(key)).map((key) => change(key, false)),
    ...keys.filter((key) => !loadedKeys.includes(key)).map((key) => change(key, true)),
  ];
}
