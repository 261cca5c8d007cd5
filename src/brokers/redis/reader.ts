import type { Redis } from "ioredis";
import type { BrokerAddress, Message, Place, Reader } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { within } from "../within.ts";
import { connectToRedis, type Entry, endOf, numberIn, textIn } from "./connect.ts";

export class RedisReader implements Reader {
  readonly #redis: Redis;
  readonly #topic: string;

  private constructor(redis: Redis, topic: string) {
    this.#redis = redis;
    this.#topic = topic;
  }

  static async open({ url, topic }: BrokerAddress): Promise<RedisReader> {
    return new RedisReader(await connectToRedis(url), topic);
  }

  async *pages(after: Place | undefined, signal: AbortSignal): AsyncGenerator<readonly Message[]> {
    let last = await within(this.#startAfter(after), `the stream ${this.#topic} of Redis`);
    const stop = () => this.#redis.disconnect();
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted) {
        const entries = await this.#read(last, signal);
        last = entries.at(-1)?.[0] ?? last;
        const messages = entries.flatMap((entry) => {
          const event = cloudEventIn(textIn(entry));
          return event ? [{ position: entry[0], event }] : [];
        });
        if (messages.length > 0) yield messages;
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #read(last: string, signal: AbortSignal): Promise<readonly Entry[]> {
    const reading = this.#redis.xread("COUNT", 500, "BLOCK", blockMs, "STREAMS", this.#topic, last);
    try {
      const found = await within(reading, "reading from Redis");
      return found?.[0]?.[1] ?? [];
    } catch (error) {
      if (signal.aborted) return [];
      throw error;
    }
  }

  async #startAfter(after: Place | undefined): Promise<string> {
    if (!after) return "0";
    const end = await endOf(this.#redis, this.#topic);
    if (!end || end.number < numberIn(after.position)) return "0";
    const [entry] = await this.#redis.xrange(this.#topic, after.position, after.position);
    const isAnother = entry && cloudEventIn(textIn(entry))?.id !== after.eventId;
    return isAnother ? "0" : after.position;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

const blockMs = 5_000;
