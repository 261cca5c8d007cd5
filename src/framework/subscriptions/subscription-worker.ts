import { setTimeout as sleep } from "node:timers/promises";
import type { EventTypes } from "../messages/event-types.ts";
import type { LoggedEvent } from "../store/event-store.ts";
import type { Bell } from "./bell.ts";
import { type CommandExecutor, type Delivering, idOf, untilAborted } from "./deliver.ts";
import { Holding, type LeaseTimes } from "./holding.ts";
import type { SubscriptionLog } from "./log.ts";
import { Parking, type ParkingTimes } from "./parking.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Subscription } from "./subscription.ts";
import { LeaseLost, type SubscriptionStore } from "./subscription-store.ts";
import { tryDelivery } from "./try-delivery.ts";
import { isUnavailable } from "./unavailable.ts";

export interface WorkerParts {
  readonly store: SubscriptionStore;
  readonly eventTypes: EventTypes;
  readonly commandService: CommandExecutor;
  readonly bell: Bell;
  readonly log: SubscriptionLog;
  /** The name of this process, for people. */
  readonly owner: string;
  readonly times: WorkerTimes;
}

export interface WorkerTimes extends LeaseTimes, ParkingTimes {
  /** How often to look whether the lease is free. */
  readonly takeMs: number;
  /** How often to look for events, if nobody rings. */
  readonly pollMs: number;
}

const pageSize = 500;
const [shortestPause, longestPause] = [50, 30_000];

/** How long to let handlers finish when the program stops. */
const patienceMs = 1_500;

/** An older transaction may still be open when something new is there already. So look again soon, a few times. */
const soonMs = 5;
const soonTimes = 3;

/** Works for one subscription, as long as this process has the lease. */
export class SubscriptionWorker {
  readonly #subscription: Subscription;
  readonly #parts: WorkerParts;
  readonly #wanted: ReadonlySet<string>;
  readonly #types: readonly string[] | undefined;
  readonly #delivering: Delivering & { readonly log: SubscriptionLog };
  readonly #parking: Parking;
  readonly #stopping = new AbortController();
  #hasBegun = false;
  #pause = 0;
  #stopped: Promise<void> = Promise.resolve();

  constructor(subscription: Subscription, parts: WorkerParts) {
    this.#subscription = subscription;
    this.#parts = parts;
    const classes = (subscription.handlers ?? []).flatMap(({ messageClasses }) => messageClasses);
    this.#wanted = new Set(parts.eventTypes.typesOf(classes));
    this.#types = subscription.page ? undefined : [...this.#wanted];
    this.#delivering = { subscription, ...parts };
    this.#parking = new Parking({ subscription, ...parts, wanted: this.#wanted });
  }

  start(): void {
    this.#stopped = this.#run();
  }

  /** Takes no more events, and gives the lease back when those that run are handled. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#stopped;
  }

  get #name(): string {
    return this.#subscription.class.savedName;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { times, log } = this.#parts;
    while (!this.#isStopping) {
      try {
        if (!(await this.#takeAndWork())) await this.#sleep(times.takeMs);
      } catch (error) {
        if (this.#isStopping) return;
        if (error instanceof LeaseLost) {
          log.warn({ subscription: this.#name }, "lease lost");
          continue;
        }
        this.#pause = Math.min(longestPause, Math.max(shortestPause, 2 * this.#pause));
        const fields = { subscription: this.#name, err: error, againInMs: this.#pause };
        if (isUnavailable(error)) log.warn(fields, "subscription waits: what it needs is away");
        else log.error(fields, "subscription waits after an error");
        await this.#sleep(this.#pause);
      }
    }
  }

  /** False if the lease is not free. */
  async #takeAndWork(): Promise<boolean> {
    const { store, owner, times, log } = this.#parts;
    const declaration = this.#subscription.class;
    if (!this.#hasBegun) await store.begin(declaration);
    this.#hasBegun = true;
    const askedAt = performance.now();
    const lease = await store.take(declaration, owner, times.leaseMs);
    if (!lease) return false;
    const { fence, position } = lease;
    log.debug({ subscription: this.#name, fence, position }, "lease taken");
    const holding = new Holding(store, lease, times, askedAt);
    try {
      await this.#work(holding);
    } finally {
      const given = { subscription: this.#name, fence, position: holding.position };
      await holding.end().then(
        () => log.debug(given, "lease given back"),
        (error) => log.debug({ ...given, err: error }, "lease not given back: it ends by itself"),
      );
    }
    return true;
  }

  async #work(holding: Holding): Promise<void> {
    const { store, bell, times } = this.#parts;
    await this.#parking.begin();
    let soon = 0;
    while (!this.#isStopping) {
      holding.signal.throwIfAborted();
      const { rings } = bell;
      await this.#parking.retryDue(holding, () => this.#isStopping);
      const events = await store.read(holding.position, pageSize, this.#types);
      if (events.length > 0) {
        await holding.check();
        await this.#handle(events, holding);
        soon = soonTimes;
        if (events.length < pageSize / 10) await this.#sleep(soonMs); // more come together, and cost less
      } else if (soon > 0) {
        soon -= 1;
        await this.#sleep(soonMs);
      } else if (
        await bell.wait(rings, times.pollMs, AbortSignal.any([holding.signal, this.#stopping.signal]))
      )
        soon = soonTimes;
    }
  }

  async #handle(events: readonly LoggedEvent[], holding: Holding): Promise<void> {
    const last = events.at(-1)?.position ?? holding.position;
    const { page } = this.#subscription;
    const patience = this.#stopLate(holding);
    try {
      if (page) {
        const { signal } = holding;
        const handling = async () => page(events, { signal, fence: holding.lease.fence });
        await untilAborted(handling(), signal);
        holding.advance(last);
        await holding.save();
        this.#logPage(events, events.length);
      } else await this.#deliverAll(events, holding, last);
      this.#pause = 0;
    } finally {
      patience();
    }
  }

  async #deliverAll(events: readonly LoggedEvent[], holding: Holding, last: string): Promise<void> {
    const wanted = events.filter(({ type }) => this.#wanted.has(type));
    const { concurrency } = this.#subscription.class;
    let handled = 0;
    await sideBySide(wanted, {
      concurrency,
      isStopping: () => this.#isStopping || holding.signal.aborted,
      handle: async (event) => {
        if (this.#parking.has(event.aggregateId)) return;
        const isNoted = await this.#deliverOrPark(event, holding);
        if (!isNoted && concurrency === 1) {
          holding.advance(event.position);
          await holding.save();
        }
      },
      onHandled: (count) => {
        const { position } = wanted[count - 1] ?? {};
        if (count === handled || position === undefined) return;
        handled = count;
        holding.advance(position);
        if (concurrency > 1) holding.save().catch(() => {}); // if it fails, the page fails
      },
    });
    holding.signal.throwIfAborted();
    if (handled === wanted.length) holding.advance(last); // stored with the next renewal: nobody needs it sooner
    if (handled > 0 && concurrency > 1) await holding.save();
    if (handled > 0) this.#logPage(wanted, handled);
  }

  /** True if a transaction has noted that it is handled. */
  async #deliverOrPark(event: LoggedEvent, holding: Holding): Promise<boolean> {
    const { times, log } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await tryDelivery(event, this.#delivering, {
        ...{ attempt, signal: holding.signal },
        noteWith: (work) => holding.saveWith(event.position, work),
      });
      if ("isNoted" in outcome) return outcome.isNoted;
      const pauseMs = times.retriesMs[attempt - 1];
      if (pauseMs === undefined) {
        await this.#parking.park(event, outcome.error, holding);
        return false;
      }
      const fields = { subscription: this.#name, event: idOf(event), type: event.type, attempt };
      log.warn({ ...fields, err: outcome.error, againInMs: pauseMs }, "handler failed");
      await sleep(pauseMs);
    }
  }

  /** When the program stops, handlers have a moment to finish. */
  #stopLate(holding: Holding): () => void {
    let timer: NodeJS.Timeout | undefined;
    const { signal } = this.#stopping;
    const onStop = () => {
      timer = setTimeout(() => holding.abandon(new Error("The program stops.")), patienceMs);
    };
    signal.addEventListener("abort", onStop);
    return () => {
      signal.removeEventListener("abort", onStop);
      clearTimeout(timer);
    };
  }

  #logPage(events: readonly LoggedEvent[], count: number): void {
    const handled = events.slice(0, count);
    const ids = count <= 10 ? { events: handled.map(idOf) } : {};
    const to = handled.at(-1)?.position;
    this.#parts.log.debug({ subscription: this.#name, count, to, ...ids }, "events handled");
  }

  #sleep(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
