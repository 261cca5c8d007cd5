import type { Redis } from "ioredis";
import type { BrokerAddress, Queue } from "../broker.ts";
import { cloudEventIn } from "../cloud-event.ts";
import { within } from "../within.ts";
import { connectToRedis, type Entry, textIn } from "./connect.ts";

/** A group of a stream with one reader. Two programs with one name would handle some messages twice. */
export class RedisQueue implements Queue {
  readonly #redis: Redis;
  readonly #topic: string;
  readonly #name: string;

  private constructor(redis: Redis, topic: string, name: string) {
    this.#redis = redis;
    this.#topic = topic;
    this.#name = name;
  }

  static async open({ url, topic }: BrokerAddress, name: string): Promise<RedisQueue> {
    const redis = await connectToRedis(url);
    try {
      await within(makeGroup(redis, topic, name), `the group ${name} of Redis`);
      return new RedisQueue(redis, topic, name);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  async *messages(signal: AbortSignal): ReturnType<Queue["messages"]> {
    const stop = () => this.#redis.disconnect();
    signal.addEventListener("abort", stop);
    try {
      let isBehind = true; // first what was given before, and was never done
      while (!signal.aborted) {
        const entry = await this.#next(isBehind ? "0" : ">", signal);
        if (!entry) {
          isBehind = false;
          continue;
        }
        const done = async () => {
          await within(this.#redis.xack(this.#topic, this.#name, entry[0]), "an acknowledgement to Redis");
        };
        const event = cloudEventIn(textIn(entry));
        if (event) yield { event, done };
        else await done();
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #next(id: string, signal: AbortSignal): Promise<Entry | undefined> {
    const from = ["STREAMS", this.#topic, id] as const;
    const reading = this.#redis.xreadgroup(
      "GROUP",
      this.#name,
      "reader",
      "COUNT",
      1,
      "BLOCK",
      blockMs,
      ...from,
    );
    try {
      const found = await within(reading, "reading from Redis");
      return (found as [string, Entry[]][] | null)?.[0]?.[1][0];
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

async function makeGroup(redis: Redis, topic: string, name: string): Promise<void> {
  await redis.xgroup("CREATE", topic, name, "0", "MKSTREAM").catch((error: Error) => {
    if (!error.message.startsWith("BUSYGROUP")) throw error; // it is there already
  });
}

const blockMs = 5_000;
