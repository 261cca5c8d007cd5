import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { type BrokerAddress, BrokerUnavailable, type Message, type Place } from "../brokers/broker.ts";
import type { CloudEvent } from "../brokers/cloud-event.ts";
import { openReader } from "../brokers/open.ts";
import { Inbox, type ParkedEvent, PlaceTaken } from "./inbox.ts";
import { type ConsumerLog, silentLog } from "./log.ts";
import { Pauses } from "./pauses.ts";
import { Unavailable } from "./unavailable.ts";

/** Stores what follows from an event, with the given transaction. */
export type Handler = (event: CloudEvent, trx: Knex.Transaction) => unknown;

export interface ConsumerOptions {
  readonly broker: BrokerAddress;
  /** The database of this program: Postgres or SQLite. */
  readonly database: Knex;
  /** By the type of an event. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly log?: ConsumerLog;
  /** The pauses before the second and the third try, and before the first one of what is parked. */
  readonly retriesMs?: readonly [number, number, number];
}

const mostAttempts = 10;
const pollMs = 250;

/**
 * Reads all events of a broker, and keeps its place in its own database, in the transaction of its effects. So each event has its effect
 * once. The name must never change.
 *
 *     const consumer = new Consumer("Search", {
 *       broker: { url: "nats://localhost:4222", topic: "sequent-blog" },
 *       database,
 *       handlers: { PostPublished: ({ subject, time }, trx) => trx("posts").insert({ id: subject, published_at: time }) },
 *     });
 *     await consumer.start();
 */
export class Consumer {
  readonly #name: string;
  readonly #options: ConsumerOptions;
  readonly #inbox: Inbox;
  readonly #log: ConsumerLog;
  readonly #retriesMs: readonly [number, number, number];
  readonly #stopping = new AbortController();
  #stopped: Promise<unknown> = Promise.resolve();

  constructor(name: string, options: ConsumerOptions) {
    const { database, log = silentLog, retriesMs = [100, 1_000, 5_000] } = options;
    this.#name = name;
    this.#options = options;
    this.#inbox = new Inbox(database, name);
    this.#log = log;
    this.#retriesMs = retriesMs;
  }

  /** Makes its tables, and then reads until it is stopped. */
  async start(): Promise<void> {
    await this.#inbox.prepare();
    this.#stopped = Promise.all([
      this.#repeat((pauses) => this.#read(pauses)),
      this.#repeat(() => this.#retryDue()),
    ]);
  }

  /** Ends when what it does at present is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  parked(): Promise<ParkedEvent[]> {
    return this.#inbox.parked();
  }

  /** Tries what is parked again now: all of it, or one aggregate. */
  retry(aggregateId?: string): Promise<void> {
    return this.#inbox.retry(aggregateId);
  }

  async #repeat(work: (pauses: Pauses) => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    const pauses = new Pauses();
    while (!signal.aborted) {
      try {
        await work(pauses);
      } catch (error) {
        if (signal.aborted) return;
        const fields = { consumer: this.#name, againInMs: pauses.nextMs };
        if (isAway(error))
          this.#log.warn({ ...fields, reason: error.message }, "consumer waits: what it needs is away");
        else this.#log.error({ ...fields, err: error }, "consumer waits after an error");
        await pauses.wait(signal);
      }
    }
  }

  async #read(pauses: Pauses): Promise<void> {
    const { signal } = this.#stopping;
    let place = await this.#inbox.place();
    const reader = await openReader(this.#options.broker);
    try {
      for await (const messages of reader.pages(place, signal)) {
        place = await this.#takeAll(messages, place);
        pauses.reset();
        if (signal.aborted) return;
      }
    } finally {
      await reader.close();
    }
  }

  /** All in one transaction; after an error one after the other, to find the one that fails. */
  async #takeAll(messages: readonly Message[], from: Place | undefined): Promise<Place | undefined> {
    try {
      return await this.#take(messages, from);
    } catch (error) {
      if (!(error instanceof HandlerFailed)) throw error;
    }
    let place = from;
    for (const message of messages) place = await this.#takeOrPark(message, place);
    return place;
  }

  async #takeOrPark(message: Message, from: Place | undefined): Promise<Place | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#take([message], from);
      } catch (error) {
        if (!(error instanceof HandlerFailed)) throw error;
        const { id, type } = message.event;
        const fields = { consumer: this.#name, event: id, type, attempt, err: error.cause };
        const pauseMs = attempt < 3 ? this.#retriesMs[attempt - 1] : undefined;
        if (pauseMs === undefined) {
          this.#log.error(fields, "aggregate parked");
          return this.#take([message], from, error);
        }
        this.#log.warn({ ...fields, againInMs: pauseMs }, "handler failed");
        await sleep(pauseMs);
      }
    }
  }

  /** In one transaction: the effects, the numbers of the aggregates, and the place. With a failure, parks instead of handling. */
  async #take(
    messages: readonly Message[],
    from: Place | undefined,
    failure?: HandlerFailed,
  ): Promise<Place | undefined> {
    const last = messages.at(-1);
    if (!last) return from;
    const wanted = messages
      .map(({ event }) => event)
      .filter(({ type }) => Object.hasOwn(this.#options.handlers, type));
    const taken = await this.#options.database.transaction(async (trx) => {
      const events = await this.#inbox.newOnes(trx, wanted);
      const waiting = await this.#inbox.waiting(trx, events);
      for (const event of events) {
        if (waiting.has(event.subject)) await this.#inbox.park(trx, event, "waits for an earlier event", 0);
        else if (failure)
          await this.#inbox.park(trx, event, failure.message, Date.now() + this.#retriesMs[2]);
        else await this.#handle(event, trx);
      }
      await this.#inbox.take(trx, events);
      await this.#inbox.advance(trx, from, last); // last, so that its row is locked for a moment only
      return events;
    });
    if (taken.length > 0)
      this.#log.info({ consumer: this.#name, events: taken.length, last: taken.at(-1)?.id }, "events taken");
    return { position: last.position, eventId: last.event.id };
  }

  async #handle(event: CloudEvent, trx: Knex.Transaction): Promise<void> {
    try {
      await this.#options.handlers[event.type]?.(event, trx);
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      throw new HandlerFailed(error);
    }
  }

  async #retryDue(): Promise<void> {
    for (const parked of await this.#inbox.due(Date.now())) {
      const { event, attempts } = parked;
      try {
        await this.#options.database.transaction(async (trx) => {
          if (await this.#inbox.unpark(trx, event)) await this.#handle(event, trx);
        });
        this.#log.info({ consumer: this.#name, event: event.id }, "parked event handled");
      } catch (error) {
        if (!(error instanceof HandlerFailed)) throw error;
        const isEnough = attempts + 1 >= mostAttempts;
        await this.#inbox.fail(
          parked,
          error.message,
          isEnough ? null : Date.now() + this.#retriesMs[2] * 4 ** attempts,
        );
        this.#log.warn(
          { consumer: this.#name, event: event.id, err: error.cause },
          "parked event failed again",
        );
      }
    }
    await sleep(pollMs, undefined, { signal: this.#stopping.signal }).catch(() => {}); // it is stopped
  }
}

function isAway(error: unknown): error is Error {
  return [BrokerUnavailable, Unavailable, PlaceTaken].some((each) => error instanceof each);
}

class HandlerFailed extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
