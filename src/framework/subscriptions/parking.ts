import { describeError, messageOf, textsIn } from "../errors/describe-error.ts";
import type { LoggedEvent } from "../store/event-store.ts";
import { type Delivering, idOf } from "./deliver.ts";
import type { Holding } from "./holding.ts";
import type { SubscriptionLog } from "./log.ts";
import { LeaseLost, type ParkedAggregate, type SubscriptionStore } from "./subscription-store.ts";
import { tryDelivery } from "./try-delivery.ts";

export interface ParkingTimes {
  /** The pauses before the second and the third try. */
  readonly retriesMs: readonly number[];
  /** After so long, an aggregate is tried again for the first time. Each pause is four times as long as the one before. */
  readonly parkedMs: number;
}

interface ParkingParts extends Delivering {
  readonly store: SubscriptionStore;
  readonly log: SubscriptionLog;
  readonly times: ParkingTimes;
  /** The types of events that have a handler. */
  readonly wanted: ReadonlySet<string>;
}

/** The longest pause between two tries. */
const dayMs = 86_400_000;

/** After so many tries, a person has to decide. */
const mostAttempts = 10;

/** If so many aggregates are parked in a minute, the handler is wrong, not their events. */
const mostParked = 100;

/** The aggregates whose events wait, because one of them could not be handled. */
export class Parking {
  readonly #parts: ParkingParts;
  #ids = new Set<string>();
  #parkedAt: number[] = [];

  constructor(parts: ParkingParts) {
    this.#parts = parts;
  }

  /** Learns what the database knows. */
  async begin(): Promise<void> {
    this.#ids = new Set(await this.#parts.store.parkedIds(this.#name));
  }

  has(aggregateId: string): boolean {
    return this.#ids.has(aggregateId);
  }

  /** The events of this aggregate wait from this one on. */
  async park(event: LoggedEvent, error: unknown, holding: Holding): Promise<void> {
    const { times, log } = this.#parts;
    const againInMs = await this.#store(event, 0, error, holding);
    this.#ids.add(event.aggregateId);
    const attempt = times.retriesMs.length + 1;
    log.error({ ...this.#fieldsOf(event), attempt, err: error, againInMs }, "aggregate parked");
    await this.#pauseIfMany(holding);
  }

  /** Tries the aggregates that are due. */
  async retryDue(holding: Holding, isStopping: () => boolean): Promise<void> {
    if (this.#ids.size === 0) return;
    const due = await this.#parts.store.dueParked(this.#name, 10);
    if (due.length === 0) return;
    await holding.save(); // what it catches up with now must not come again
    for (const parked of due)
      for (let next: ParkedAggregate | undefined = parked; next && !isStopping(); ) {
        holding.signal.throwIfAborted();
        next = await this.#retry(next, holding);
      }
  }

  /** Tries the event that an aggregate waits for. Undefined if it goes on waiting, or has caught up with the subscription. */
  async #retry(parked: ParkedAggregate, holding: Holding): Promise<ParkedAggregate | undefined> {
    const { store, log, times, wanted } = this.#parts;
    const { lease, signal } = holding;
    const { aggregateId } = parked;
    const [event] = await store.readParked(parked, holding.position, 1);
    if (!event) {
      await store.unpark(lease, parked);
      this.#ids.delete(aggregateId);
      log.info({ subscription: this.#name, aggregateId }, "aggregate has caught up");
      return undefined;
    }
    const outcome = wanted.has(event.type)
      ? await tryDelivery(event, this.#parts, {
          attempt: times.retriesMs.length + 1 + parked.attempts + 1,
          signal,
          noteWith: (work) => store.advanceParked(lease, parked, work),
        })
      : { isNoted: false };
    if ("error" in outcome) {
      const { error } = outcome;
      const attempt = parked.attempts + 1;
      const againInMs = await this.#store(event, attempt, error, holding);
      log.error({ ...this.#fieldsOf(event), attempt, err: error, againInMs }, "failed again");
      return undefined;
    }
    if (!outcome.isNoted) await store.advanceParked(lease, parked);
    log.info(this.#fieldsOf(event), "parked event handled");
    return { ...parked, nextNumber: parked.nextNumber + 1, attempts: 0 };
  }

  /** Notes which event has failed. Gives the time until the next try, or undefined if a person has to decide. */
  async #store(
    event: LoggedEvent,
    attempts: number,
    error: unknown,
    { lease }: Holding,
  ): Promise<number | undefined> {
    const { store, times } = this.#parts;
    const pauseMs = Math.min(dayMs, times.parkedMs * 4 ** attempts);
    const retryInMs = attempts < mostAttempts ? pauseMs : undefined;
    const { aggregateId, sequenceNumber: nextNumber } = event;
    const failure = { aggregateId, nextNumber, attempts, retryInMs, error: messageFor(event, error) };
    await store.park(lease, failure);
    return retryInMs;
  }

  async #pauseIfMany(holding: Holding): Promise<void> {
    const now = performance.now();
    this.#parkedAt = [...this.#parkedAt.filter((at) => now - at < 60_000), now];
    if (this.#parkedAt.length < mostParked) return;
    this.#parkedAt = [];
    const why = `${mostParked} aggregates were parked in a minute`;
    this.#parts.log.error({ subscription: this.#name }, `paused: ${why}`);
    await this.#parts.store.pause(holding.lease, why);
    throw holding.abandon(new LeaseLost(this.#name));
  }

  #fieldsOf(event: LoggedEvent) {
    return { subscription: this.#name, event: idOf(event), type: event.type };
  }

  get #name(): string {
    return this.#parts.subscription.class.savedName;
  }
}

/** Without the values of the event, which may be personal. */
function messageFor(event: LoggedEvent, error: unknown): string {
  const { type } = describeError(error);
  return `${type}: ${messageOf(error, textsIn(event.payload))}`.slice(0, 1_000);
}
