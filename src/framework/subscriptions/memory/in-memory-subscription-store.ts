import type { LoggedEvent, LogPosition } from "../../store/event-store.ts";
import type { InMemoryEventStore } from "../../store/memory/in-memory-event-store.ts";
import type { SubscriptionDeclaration } from "../subscription.ts";
import {
  type Failure,
  type Lease,
  LeaseLost,
  type ParkedAggregate,
  type SubscriptionStore,
} from "../subscription-store.ts";

interface Row {
  position: number;
  version: number;
  fence: number;
  leasedUntil: number;
  isPaused: boolean;
  readonly parked: Map<string, ParkedAggregate>;
}

type Place = Pick<ParkedAggregate, "aggregateId" | "nextNumber">;

/** Subscriptions to the events of an event store in memory, for tests that need no database. */
export class InMemorySubscriptionStore implements SubscriptionStore {
  readonly #events: InMemoryEventStore;
  readonly #rows = new Map<string, Row>();

  constructor(events: InMemoryEventStore) {
    this.#events = events;
  }

  async begin({ savedName, version, from }: SubscriptionDeclaration): Promise<void> {
    if (this.#rows.has(savedName)) return;
    const position = from === "now" ? this.#events.logged.length : 0;
    const row = { position, version, fence: 0, leasedUntil: 0, isPaused: false, parked: new Map() };
    this.#rows.set(savedName, row);
  }

  async take(
    { savedName: name, version }: SubscriptionDeclaration,
    _owner: string,
    leaseMs: number,
  ): Promise<Lease | undefined> {
    const row = this.#rows.get(name);
    if (!row || row.isPaused || row.version > version) return undefined;
    if (row.version === version && row.leasedUntil > performance.now()) return undefined;
    row.version = version;
    row.fence += 1;
    row.leasedUntil = performance.now() + leaseMs;
    return { name, fence: String(row.fence), position: textOf(row.position) };
  }

  async note(lease: Lease, position: LogPosition | undefined, leaseMs: number): Promise<void> {
    const row = this.#held(lease);
    row.leasedUntil = performance.now() + leaseMs;
    if (position !== undefined) row.position = numberOf(position);
  }

  async release(lease: Lease): Promise<void> {
    this.#held(lease).leasedUntil = 0;
  }

  async pause(lease: Lease): Promise<void> {
    const row = this.#held(lease);
    row.isPaused = true;
    row.leasedUntil = 0;
    row.fence += 1;
  }

  async read(after: LogPosition, limit: number, types?: readonly string[]): Promise<LoggedEvent[]> {
    const start = numberOf(after);
    const page = this.#events.logged.slice(start, start + limit);
    return page.filter(({ type }, index) => index === page.length - 1 || (types?.includes(type) ?? true));
  }

  async inTransaction(): Promise<void> {
    throw noDatabase();
  }

  async parkedIds(name: string): Promise<string[]> {
    return [...this.#parked(name).keys()];
  }

  async dueParked(name: string, limit: number): Promise<ParkedAggregate[]> {
    const isDue = ({ retryAt }: ParkedAggregate) => retryAt !== undefined && retryAt <= new Date();
    return [...this.#parked(name).values()].filter(isDue).slice(0, limit);
  }

  async park(lease: Lease, { retryInMs, ...failure }: Failure): Promise<void> {
    const retryAt = retryInMs === undefined ? undefined : new Date(Date.now() + retryInMs);
    this.#held(lease).parked.set(failure.aggregateId, { ...failure, retryAt });
  }

  async readParked(parked: ParkedAggregate, upTo: LogPosition, limit: number): Promise<LoggedEvent[]> {
    return this.#events.logged
      .slice(0, numberOf(upTo))
      .filter(
        ({ aggregateId, sequenceNumber }) =>
          aggregateId === parked.aggregateId && sequenceNumber >= parked.nextNumber,
      )
      .slice(0, limit);
  }

  async advanceParked(lease: Lease, place: Place, work?: unknown): Promise<void> {
    if (work !== undefined) throw noDatabase();
    const { parked, there } = this.#heldParked(lease, place);
    parked.set(place.aggregateId, { ...there, nextNumber: place.nextNumber + 1, attempts: 0 });
  }

  async unpark(lease: Lease, place: Place): Promise<void> {
    this.#heldParked(lease, place).parked.delete(place.aggregateId);
  }

  #parked(name: string): ReadonlyMap<string, ParkedAggregate> {
    return this.#rows.get(name)?.parked ?? new Map();
  }

  #held({ name, fence }: Lease): Row {
    const row = this.#rows.get(name);
    if (!row || String(row.fence) !== fence) throw new LeaseLost(name);
    return row;
  }

  #heldParked(lease: Lease, { aggregateId, nextNumber }: Place) {
    const { parked } = this.#held(lease);
    const there = parked.get(aggregateId);
    if (there?.nextNumber !== nextNumber) throw new LeaseLost(lease.name);
    return { parked, there };
  }
}

const textOf = (position: number): LogPosition => `0:0:${position}`;

const numberOf = (position: LogPosition): number => Number(position.split(":").at(-1));

function noDatabase(): TypeError {
  return new TypeError("There is no database: inTransaction works on Postgres only.");
}
