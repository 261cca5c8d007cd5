import {
  AggregateAlreadyExists,
  AggregateClosed,
  AggregateKeyNotUnique,
  AggregateNotFound,
  CommandAlreadyStored,
  ConcurrentChange,
  SequenceGap,
} from "../../errors/store-errors.ts";
import type { BaseEvent } from "../../messages/event.ts";
import { type EventTypes, type StoredEvent, storedEvent } from "../../messages/event-types.ts";
import {
  composeKey,
  type Decide,
  type EventStore,
  type EventStream,
  type ExecutedCommand,
  type LoadOptions,
  type LoggedEvent,
  type StoredCommand,
  type StoredSnapshot,
  type StoreOptions,
  type UnitOfWork,
  versionAfter,
} from "../event-store.ts";
import { InMemoryRows, InMemoryTransaction } from "./in-memory-rows.ts";

interface Stream {
  readonly aggregateType: string;
  readonly events: StoredEvent[];
}

/** An event store in memory, for the specs of a domain. They need no database. What it keeps are copies, so nobody can change it. */
export class InMemoryEventStore implements EventStore {
  readonly #eventTypes: EventTypes;
  readonly #streams = new Map<string, Stream>();
  readonly #commands = new Map<string, StoredCommand>();
  #keys = new Map<string, string>();
  readonly #closed = new Set<string>();
  readonly #log: (StoredEvent & { readonly commandId: string })[] = [];
  readonly #snapshots = new Map<string, NonNullable<EventStream["snapshot"]>>();
  readonly rows = new InMemoryRows();

  constructor(eventTypes: EventTypes) {
    this.#eventTypes = eventTypes;
  }

  /** All events, in the order in which they were stored. */
  get events(): BaseEvent[] {
    return this.#log.map((event) => this.#eventOf(event));
  }

  /** All of them as they are stored, with the commands that led to them. */
  get logged(): LoggedEvent[] {
    return this.#log.flatMap((event, index) => {
      const command = this.#commands.get(event.commandId);
      const { aggregateType } = this.#streams.get(event.aggregateId) ?? {};
      if (!command || aggregateType === undefined) return [];
      const { type: commandType, userId, cause, metadata } = command;
      const position = `0:0:${index + 1}`;
      return structuredClone({ ...event, aggregateType, commandType, userId, cause, metadata, position });
    });
  }

  async load(
    aggregateIds: readonly string[],
    { snapshotVersion, upTo = Number.POSITIVE_INFINITY }: LoadOptions = {},
  ): Promise<EventStream[]> {
    return [...new Set(aggregateIds)].flatMap((aggregateId) => {
      const stream = this.#streams.get(aggregateId);
      const kept = this.#snapshots.get(`${aggregateId} ${snapshotVersion}`);
      const snapshot = kept && kept.sequenceNumber <= upTo ? kept : undefined;
      const events = stream?.events.slice(snapshot?.sequenceNumber ?? 0, upTo) ?? [];
      if (!stream || (!snapshot && events.length === 0)) return [];
      return {
        aggregateId,
        aggregateType: stream.aggregateType,
        ...(snapshot && { snapshot: structuredClone(snapshot) }),
        events: events.map((event) => this.#eventOf(event)),
      };
    });
  }

  async versionAt(aggregateId: string, time: Date): Promise<number> {
    const events = this.#streams.get(aggregateId)?.events ?? [];
    return events.findLastIndex(({ createdAt }) => createdAt <= time) + 1;
  }

  async storeSnapshot({ aggregateId, snapshotVersion, ...snapshot }: StoredSnapshot): Promise<void> {
    const key = `${aggregateId} ${snapshotVersion}`;
    const known = this.#snapshots.get(key)?.sequenceNumber ?? 0;
    if (snapshot.sequenceNumber > known) this.#snapshots.set(key, structuredClone(snapshot));
  }

  async aggregateType(aggregateId: string): Promise<string | undefined> {
    return this.#streams.get(aggregateId)?.aggregateType;
  }

  async findByUniqueKey(scope: string, key: string): Promise<string | undefined> {
    return this.#keys.get(composeKey(scope, key));
  }

  async findCommands(commandIds: readonly string[]): Promise<StoredCommand[]> {
    return [...new Set(commandIds)].flatMap((id) => structuredClone(this.#commands.get(id)) ?? []);
  }

  async store(decide: Decide, { projectors = [], dryRun = false }: StoreOptions = {}): Promise<void> {
    const transaction = new InMemoryTransaction(this.rows);
    let isStored = false;
    try {
      const unit = await decide(transaction, projectors);
      await transaction.lock();
      this.#store(unit, dryRun);
      isStored = !dryRun;
    } finally {
      await transaction.end({ undo: !isStored });
    }
  }

  /** There is one build, and all of its views are live. */
  async catchUp(): Promise<void> {}

  /** Checks everything before it changes anything. It does not wait in between, so nothing else can run. */
  #store(unit: UnitOfWork, dryRun: boolean): void {
    const commands = unit.commands.map(storedCommand);
    const events = unit.commands.flatMap(({ command: { commandId }, events }) =>
      events.map((event) => ({ ...this.#storedEvent(event), commandId })),
    );
    this.#checkCommands(commands);
    this.#checkAggregates(unit);
    this.#checkSequence(unit, events);
    const keys = this.#keysAfter(unit);
    this.rows.apply(unit.rowChanges);
    if (dryRun) return;

    for (const command of commands) this.#commands.set(command.commandId, command);
    for (const { aggregateId, aggregateType } of unit.newAggregates)
      this.#streams.set(aggregateId, { aggregateType, events: [] });
    for (const event of events) this.#streams.get(event.aggregateId)?.events.push(event);
    for (const aggregateId of unit.closed) this.#closed.add(aggregateId);
    this.#log.push(...events);
    this.#keys = keys;
  }

  #checkCommands(commands: readonly StoredCommand[]): void {
    const ids = commands.map(({ commandId }) => commandId);
    const repeated = ids.filter((id, index) => this.#commands.has(id) || ids.indexOf(id) < index);
    if (repeated.length > 0) throw new CommandAlreadyStored(repeated);
  }

  #checkAggregates({ newAggregates, required }: UnitOfWork): void {
    const existing = newAggregates.filter(({ aggregateId }) => this.#streams.has(aggregateId));
    if (existing.length > 0) throw new AggregateAlreadyExists(existing.map(({ aggregateId }) => aggregateId));
    const added = new Map(newAggregates.map((each) => [each.aggregateId, each]));
    for (const reference of required) {
      const { aggregateId, aggregateType } = reference;
      const there = this.#streams.get(aggregateId) ?? added.get(aggregateId);
      if (there?.aggregateType !== aggregateType) throw new AggregateNotFound(reference);
      if (this.#closed.has(aggregateId)) throw new AggregateClosed(reference);
    }
  }

  #checkSequence({ newAggregates }: UnitOfWork, events: readonly StoredEvent[]): void {
    const known = new Set(newAggregates.map(({ aggregateId }) => aggregateId));
    const next = new Map<string, number>();
    for (const { aggregateId, sequenceNumber } of events) {
      const stream = this.#streams.get(aggregateId);
      const expected = next.get(aggregateId) ?? (stream?.events.length ?? 0) + 1;
      if (sequenceNumber < expected) throw new ConcurrentChange([aggregateId]);
      if (sequenceNumber > expected || (!stream && !known.has(aggregateId)))
        throw new SequenceGap([aggregateId]);
      next.set(aggregateId, sequenceNumber + 1);
    }
  }

  #keysAfter({ keyChanges }: UnitOfWork): Map<string, string> {
    const keys = new Map(this.#keys);
    for (const { scope, key, aggregateId } of keyChanges.filter(({ taken }) => !taken)) {
      const composed = composeKey(scope, key);
      if (keys.get(composed) === aggregateId) keys.delete(composed);
    }
    for (const { scope, key, aggregateId } of keyChanges.filter(({ taken }) => taken)) {
      const composed = composeKey(scope, key);
      if (keys.has(composed)) throw new AggregateKeyNotUnique(scope, key);
      keys.set(composed, aggregateId);
    }
    return keys;
  }

  #storedEvent(event: BaseEvent): StoredEvent {
    this.#eventTypes.checkListed(event);
    return structuredClone(storedEvent(event));
  }

  #eventOf(event: StoredEvent): BaseEvent {
    return this.#eventTypes.load(structuredClone(event));
  }
}

function storedCommand(executed: ExecutedCommand): StoredCommand {
  const { command, cause, events } = executed;
  const { commandId, aggregateId, userId, metadata, createdAt } = command;
  return structuredClone({
    ...{ commandId, aggregateId, userId, cause, metadata, createdAt },
    type: command.class.type,
    payload: command.toJson(),
    eventCount: events.length,
    version: versionAfter(executed),
  });
}
