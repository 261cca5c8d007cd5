import type { Knex } from "knex";
import type { LoggedEvent, LogPosition } from "../../store/event-store.ts";
import { PostgresConnections } from "../../store/postgres/connections.ts";
import { logKeyOf } from "../../store/postgres/log.ts";
import { loggedEventsOf, settledEvents } from "../../store/postgres/logged-events.ts";
import type { SubscriptionDeclaration } from "../subscription.ts";
import {
  type Failure,
  type Lease,
  LeaseLost,
  type ParkedAggregate,
  type SubscriptionStore,
} from "../subscription-store.ts";
import { Unavailable } from "../unavailable.ts";
import * as sql from "./statements.ts";

/** The subscriptions in Postgres. Each change names the fence of its lease, so whoever has lost the lease changes nothing. */
export class PostgresSubscriptionStore implements SubscriptionStore {
  readonly #knex: Knex;
  readonly #connections: PostgresConnections;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#connections = new PostgresConnections(knex);
  }

  async begin({ savedName, version, from }: SubscriptionDeclaration): Promise<void> {
    await this.#connections.all(sql.begin, [savedName, version, from]);
  }

  take(
    { savedName, version }: SubscriptionDeclaration,
    owner: string,
    leaseMs: number,
  ): Promise<Lease | undefined> {
    return this.#connections.first<Lease>(sql.take, [savedName, version, owner, leaseMs]);
  }

  note(lease: Lease, position: LogPosition | undefined, leaseMs: number): Promise<void> {
    if (position === undefined) return this.#change(lease, sql.renew, [leaseMs]);
    return this.#change(lease, sql.note, [leaseMs, ...logKeyOf(position)]);
  }

  release(lease: Lease): Promise<void> {
    return this.#change(lease, sql.release, []);
  }

  pause(lease: Lease, why: string): Promise<void> {
    return this.#change(lease, sql.pause, [why]);
  }

  read(after: LogPosition, limit: number, types?: readonly string[]): Promise<LoggedEvent[]> {
    return settledEvents(this.#connections, after, limit, types);
  }

  inTransaction(
    lease: Lease,
    position: LogPosition,
    work: (trx: Knex.Transaction) => Promise<unknown>,
  ): Promise<void> {
    return this.#withWork(lease, work, sql.place, logKeyOf(position));
  }

  async parkedIds(name: string): Promise<string[]> {
    const found = await this.#connections.all<{ aggregate_id: string }>(sql.parkedIds, [name]);
    return found.map(({ aggregate_id }) => aggregate_id);
  }

  async dueParked(name: string, limit: number): Promise<ParkedAggregate[]> {
    const found = await this.#connections.all<ParkedRow>(sql.dueParked, [name, limit]);
    return found.map((row) => ({ ...row, retryAt: row.retryAt ?? undefined }));
  }

  park(lease: Lease, { aggregateId, nextNumber, attempts, retryInMs, error }: Failure): Promise<void> {
    return this.#change(lease, sql.park, [aggregateId, nextNumber, attempts, retryInMs ?? null, error]);
  }

  readParked(parked: ParkedAggregate, upTo: LogPosition, limit: number): Promise<LoggedEvent[]> {
    return loggedEventsOf(this.#connections, parked.aggregateId, parked.nextNumber, upTo, limit);
  }

  advanceParked(
    lease: Lease,
    { aggregateId, nextNumber }: Pick<ParkedAggregate, "aggregateId" | "nextNumber">,
    work?: (trx: Knex.Transaction) => Promise<unknown>,
  ): Promise<void> {
    const values = [aggregateId, nextNumber];
    return work
      ? this.#withWork(lease, work, sql.advanceParked, values)
      : this.#change(lease, sql.advanceParked, values);
  }

  unpark(lease: Lease, parked: Pick<ParkedAggregate, "aggregateId" | "nextNumber">): Promise<void> {
    return this.#change(lease, sql.unpark, [parked.aggregateId, parked.nextNumber]);
  }

  async #change({ name, fence }: Lease, text: string, values: readonly unknown[]): Promise<void> {
    const changed = await this.#connections.all(text, [name, fence, ...values]);
    if (changed.length === 0) throw new LeaseLost(name);
  }

  /** The change comes last, so its row is locked for a moment only. If it cannot be made, the work is undone. */
  async #withWork(
    { name, fence }: Lease,
    work: (trx: Knex.Transaction) => Promise<unknown>,
    text: string,
    values: readonly unknown[],
  ): Promise<void> {
    const trx = await this.#knex.transaction().catch(unavailable);
    try {
      await work(trx);
    } catch (error) {
      await trx.rollback().catch(() => {});
      throw error;
    }
    try {
      const bindings = [name, fence, ...values] as Knex.RawBinding[];
      const { rows } = await trx.raw(text.replace(/\$\d/g, "?"), bindings);
      if (rows.length === 0) throw new LeaseLost(name);
      await trx.commit();
    } catch (error) {
      await trx.rollback().catch(() => {});
      throw error instanceof LeaseLost ? error : unavailable(error);
    }
  }
}

type ParkedRow = Omit<ParkedAggregate, "retryAt"> & { readonly retryAt: Date | null };

function unavailable(cause: unknown): never {
  throw new Unavailable("The database did not answer", { cause });
}
