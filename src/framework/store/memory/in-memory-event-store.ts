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
  type LogEntry,
  type LogPosition,
  type StoredCommand,
  type StoredSnapshot,
  type StoreOptions,
  type UnitOfWork,
  versionAfter,
} from "../event-store.ts";
import { InMemoryRows } from "./in-memory-rows.ts";
import { InMemoryTransaction } from "./in-memory-transaction.ts";

interface Stream {
  readonly aggregateType: string;
  readonly events: KeptEvent[];
}

/** The payload is kept as text, as in a database, so nobody can change it. */
interface KeptEvent extends Omit<StoredEvent, "payload"> {
  readonly payload: string;
  readonly commandId: string;
}

type KeptCommand = Omit<StoredCommand, "payload"> & { readonly payload: string };

/** An event store in memory, for the specs of a domain. They need no database. */
export class InMemoryEventStore implements EventStore {
  readonly #eventTypes: EventTypes;
  readonly #streams = new Map<string, Stream>();
  readonly #commands = new Map<string, KeptCommand>();
  readonly #keys = new Map<string, string>();
  readonly #closed = new Set<string>();
  readonly #log: KeptEvent[] = [];
  readonly #snapshots = new Map<string, { readonly sequenceNumber: number; readonly state: string }>();
  /** The tables of the projectors. */
  readonly rows = new InMemoryRows();

  constructor(eventTypes: EventTypes) {
    this.#eventTypes = eventTypes;
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
        ...(snapshot && { snapshot: { ...snapshot, state: JSON.parse(snapshot.state) } }),
        events: events.map((event) => this.#eventOf(event)),
      };
    });
  }

  async versionAt(aggregateId: string, time: Date): Promise<number> {
    const events = this.#streams.get(aggregateId)?.events ?? [];
    return events.findLastIndex(({ createdAt }) => createdAt <= time) + 1;
  }

  async storeSnapshot({
    aggregateId,
    snapshotVersion,
    sequenceNumber,
    state,
  }: StoredSnapshot): Promise<void> {
    const key = `${aggregateId} ${snapshotVersion}`;
    if ((this.#snapshots.get(key)?.sequenceNumber ?? 0) >= sequenceNumber) return;
    this.#snapshots.set(key, { sequenceNumber, state: JSON.stringify(state) });
  }

  async aggregateType(aggregateId: string): Promise<string | undefined> {
    return this.#streams.get(aggregateId)?.aggregateType;
  }

  async findByUniqueKey(scope: string, key: string): Promise<string | undefined> {
    return this.#keys.get(composeKey(scope, key));
  }

  async findCommands(commandIds: readonly string[]): Promise<StoredCommand[]> {
    return [...new Set(commandIds)].flatMap((commandId) => {
      const kept = this.#commands.get(commandId);
      return kept ? { ...kept, payload: JSON.parse(kept.payload) } : [];
    });
  }

  async readLog(after: LogPosition | undefined, limit: number): Promise<LogEntry[]> {
    const start = Number(after ?? 0);
    return this.#log.slice(start, start + limit).map((event, index) => ({
      event: this.#eventOf(event),
      commandId: event.commandId,
      ...this.#askedBy(event),
      position: String(start + index + 1),
    }));
  }

  /** There is one build, and all of its views are live. */
  async store(decide: Decide, { projectors = [], dryRun = false }: StoreOptions = {}): Promise<void> {
    const transaction = new InMemoryTransaction(this.rows, (unit, onlyRows) => this.#store(unit, onlyRows));
    try {
      const unit = await decide(transaction, projectors);
      await (dryRun ? transaction.dryRun(unit) : transaction.commit(unit));
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async catchUp(): Promise<void> {}

  /** Checks everything before it changes anything; nothing else can run in between. Rows can be taken back. */
  #store(unit: UnitOfWork, onlyRows = false): void {
    const commands = unit.commands.map(keptCommand);
    const events = unit.commands.flatMap(({ command, events }) =>
      events.map((event) => this.#keptEvent(event, command.commandId)),
    );
    this.#checkCommands(commands);
    this.#checkAggregates(unit);
    this.#checkSequence(unit, events);
    const keys = this.#changedKeys(unit);
    this.rows.apply(unit.rowChanges);
    if (onlyRows) return;

    for (const command of commands) this.#commands.set(command.commandId, command);
    for (const { aggregateId, aggregateType } of unit.newAggregates)
      this.#streams.set(aggregateId, { aggregateType, events: [] });
    for (const event of events) this.#streams.get(event.aggregateId)?.events.push(event);
    for (const aggregateId of unit.closed) this.#closed.add(aggregateId);
    this.#log.push(...events);
    this.#keys.clear();
    for (const [key, aggregateId] of keys) this.#keys.set(key, aggregateId);
  }

  #checkCommands(commands: readonly KeptCommand[]): void {
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

  #checkSequence({ newAggregates }: UnitOfWork, events: readonly KeptEvent[]): void {
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

  #changedKeys({ keyChanges }: UnitOfWork): Map<string, string> {
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

  #keptEvent(event: BaseEvent, commandId: string): KeptEvent {
    this.#eventTypes.checkListed(event);
    const { payload, createdAt, ...envelope } = storedEvent(event);
    return { ...envelope, createdAt: new Date(createdAt), payload: JSON.stringify(payload), commandId };
  }

  #askedBy({ commandId }: KeptEvent): Pick<LogEntry, "userId" | "cause" | "metadata"> {
    const { userId, cause, metadata } = this.#commands.get(commandId) as KeptCommand;
    return { userId, cause, metadata };
  }

  #eventOf({ commandId: _, ...event }: KeptEvent): BaseEvent {
    const createdAt = new Date(event.createdAt);
    return this.#eventTypes.load({ ...event, createdAt, payload: JSON.parse(event.payload) });
  }
}

function keptCommand(executed: ExecutedCommand): KeptCommand {
  const { command, cause, events } = executed;
  const { commandId, aggregateId, userId, metadata, createdAt } = command;
  return {
    commandId,
    type: command.class.type,
    aggregateId,
    payload: JSON.stringify(command.toJson()),
    userId,
    cause,
    metadata,
    createdAt,
    eventCount: events.length,
    version: versionAfter(executed),
  };
}
