import type { Knex } from "knex";
import type { LoggedEvent, LogPosition } from "../store/event-store.ts";
import type { SubscriptionDeclaration } from "./subscription.ts";

/** The right to work for a subscription. It ends if it is not renewed. */
export interface Lease {
  readonly name: string;
  readonly fence: string;
  /** The last event that was handled. */
  readonly position: LogPosition;
}

/** Another process works for the subscription, or somebody has paused or reset it. Nothing was written. */
export class LeaseLost extends Error {
  readonly subscription: string;

  constructor(subscription: string) {
    super(`The lease of ${subscription} is lost.`);
    this.subscription = subscription;
  }
}

/** An aggregate whose events wait, because one of them could not be handled. */
export interface ParkedAggregate {
  readonly aggregateId: string;
  /** The event to begin with. */
  readonly nextNumber: number;
  readonly attempts: number;
  /** Undefined if a person has to decide. */
  readonly retryAt: Date | undefined;
  readonly error: string;
}

export interface Failure {
  readonly aggregateId: string;
  readonly nextNumber: number;
  readonly attempts: number;
  /** Undefined if a person has to decide. */
  readonly retryInMs: number | undefined;
  readonly error: string;
}

/** Keeps where each subscription stands. There are two with the same contract: Postgres and, for tests, memory. */
export interface SubscriptionStore {
  /** Makes the subscription, if it is new. */
  begin(declaration: SubscriptionDeclaration): Promise<void>;
  /** Takes the lease, if it is free. Undefined if another one has it, or the subscription is paused or of a later version. */
  take(declaration: SubscriptionDeclaration, owner: string, leaseMs: number): Promise<Lease | undefined>;
  /** Renews the lease, and notes the last handled event, if there is one to note. Throws `LeaseLost`. */
  note(lease: Lease, position: LogPosition | undefined, leaseMs: number): Promise<void>;
  /** Gives the lease back, so that another process can take it at once. */
  release(lease: Lease): Promise<void>;
  /** Pauses the subscription, and with it its lease. */
  pause(lease: Lease, why: string): Promise<void>;
  /**
   * The next events, in the order of the log. No other event can come before them. If types are given, it leaves out events of
   * other types, but not the last one.
   */
  read(after: LogPosition, limit: number, types?: readonly string[]): Promise<LoggedEvent[]>;
  /** Notes a position in the transaction of the work. If the lease is lost, nothing is written. */
  inTransaction(
    lease: Lease,
    position: LogPosition,
    work: (trx: Knex.Transaction) => Promise<unknown>,
  ): Promise<void>;

  /** The aggregates whose events are not to be handled, because they wait. */
  parkedIds(name: string): Promise<string[]>;
  /** Those that are due for another try. */
  dueParked(name: string, limit: number): Promise<ParkedAggregate[]>;
  /** Parks an aggregate, or notes that it has failed again. Throws `LeaseLost`. */
  park(lease: Lease, failure: Failure): Promise<void>;
  /** The events of a parked aggregate, up to the position of the subscription. */
  readParked(parked: ParkedAggregate, upTo: LogPosition, limit: number): Promise<LoggedEvent[]>;
  /** Notes that an event of a parked aggregate is handled. Throws `LeaseLost`, also if somebody else has noted it. */
  advanceParked(
    lease: Lease,
    parked: Pick<ParkedAggregate, "aggregateId" | "nextNumber">,
    work?: (trx: Knex.Transaction) => Promise<unknown>,
  ): Promise<void>;
  /** The aggregate has caught up: its events come with those of all others again. Throws `LeaseLost`. */
  unpark(lease: Lease, parked: Pick<ParkedAggregate, "aggregateId" | "nextNumber">): Promise<void>;
}
