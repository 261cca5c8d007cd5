import type { Knex } from "knex";
import type { LogPosition } from "../store/event-store.ts";
import { type Lease, LeaseLost, type SubscriptionStore } from "./subscription-store.ts";
import { isUnavailable } from "./unavailable.ts";

export interface LeaseTimes {
  /** How long a lease lasts without being renewed. */
  readonly leaseMs: number;
  readonly renewMs: number;
}

/** For so long after a renewal, nobody asks again. */
const sureMs = 100;

/**
 * Holds a lease: renews it, and notes how far the subscription has come. If the lease is lost, or may be lost because it could
 * not be renewed in time, the signal is aborted.
 */
export class Holding {
  readonly lease: Lease;
  readonly #store: SubscriptionStore;
  readonly #times: LeaseTimes;
  readonly #ending = new AbortController();
  readonly #renewing: NodeJS.Timeout;
  #expiring: NodeJS.Timeout | undefined;
  #position: LogPosition;
  #renewedAt = 0;
  /** False while a transaction notes the position, and if it is not known whether it did. */
  #mayNote = true;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** `askedAt` is when the lease was asked for. */
  constructor(store: SubscriptionStore, lease: Lease, times: LeaseTimes, askedAt: number) {
    this.#store = store;
    this.lease = lease;
    this.#times = times;
    this.#position = lease.position;
    this.#renewing = setInterval(() => this.save().catch(() => {}), times.renewMs);
    this.#lastsFrom(askedAt);
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** All events up to here are handled. `save` stores it; the next renewal, too. */
  advance(position: LogPosition): void {
    this.#position = position;
  }

  /** Makes sure that the lease is not lost, if nobody has asked for a while. */
  async check(): Promise<void> {
    if (performance.now() - this.#renewedAt > sureMs) await this.save();
    this.signal.throwIfAborted();
  }

  /** Stores the position. While one is being stored, all who come wait for one more. */
  save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#write();
        return this.#writing;
      });
    return this.#next;
  }

  /** Stores the position in the transaction of the work. */
  async saveWith(position: LogPosition, work: (trx: Knex.Transaction) => Promise<unknown>): Promise<void> {
    this.#mayNote = false;
    await this.#writing.catch(() => {}); // an older position must not come after this one
    try {
      await this.#store.inTransaction(this.lease, position, work);
      this.#position = position;
    } catch (error) {
      // Whether it was stored may be unknown. Then only the database knows the position.
      if (isUnavailable(error) || error instanceof LeaseLost) throw this.abandon(error);
      this.#mayNote = true;
      throw error;
    }
    this.#mayNote = true;
  }

  /** Stops all work for this lease. */
  abandon(reason: unknown): unknown {
    this.#ending.abort(reason);
    return reason;
  }

  /** Stores the position, and gives the lease back. If the lease is lost, there is nothing to give back. */
  async end(): Promise<void> {
    clearInterval(this.#renewing);
    try {
      if (this.signal.reason instanceof LeaseLost) return;
      if (this.#mayNote) await this.save();
      await this.#store.release(this.lease);
    } finally {
      clearTimeout(this.#expiring);
      this.#ending.abort();
    }
  }

  async #write(): Promise<void> {
    const sentAt = performance.now();
    try {
      await this.#store.note(this.lease, this.#mayNote ? this.#position : undefined, this.#times.leaseMs);
      this.#lastsFrom(sentAt);
    } catch (error) {
      if (error instanceof LeaseLost) this.abandon(error);
      throw error;
    }
  }

  /** Stops a little before others may take the lease. */
  #lastsFrom(sentAt: number): void {
    this.#renewedAt = sentAt;
    const { leaseMs, renewMs } = this.#times;
    const left = sentAt + leaseMs - renewMs / 2 - performance.now();
    clearTimeout(this.#expiring);
    this.#expiring = setTimeout(() => this.abandon(new LeaseLost(this.lease.name)), Math.max(0, left));
  }
}
