import type { Redis } from "ioredis";
import { type BrokerAddress, type LastMessage, PublishedByAnother, type Publisher } from "../broker.ts";
import { type CloudEvent, cloudEventIn } from "../cloud-event.ts";
import { within } from "../within.ts";
import { connectToRedis, endOf, textIn } from "./connect.ts";

/** Publishes into a Redis stream, with ids that count from 1. A script adds all events, or none if the stream has grown meanwhile. */
export class RedisPublisher implements Publisher {
  readonly isExact = true;
  readonly #redis: Redis;
  readonly #topic: string;
  #number = 0;

  private constructor(redis: Redis, topic: string) {
    this.#redis = redis;
    this.#topic = topic;
  }

  static async open({ url, topic }: BrokerAddress): Promise<RedisPublisher> {
    return new RedisPublisher(await connectToRedis(url), topic);
  }

  async last(): Promise<LastMessage> {
    const end = await within(endOf(this.#redis, this.#topic), `the stream ${this.#topic} of Redis`);
    this.#number = end?.number ?? 0;
    if (this.#number === 0) return "none";
    return (end?.last && cloudEventIn(textIn(end.last))) ?? "gone";
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    const texts = events.map((event) => JSON.stringify(event));
    const adding = this.#redis.eval(addAll, 1, this.#topic, this.#number, ...texts);
    const isAdded = await within(adding, "publishing to Redis");
    if (isAdded !== 1)
      throw new PublishedByAnother(`the stream ${this.#topic} of Redis has other entries than expected`);
    this.#number += events.length;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

const addAll = `
local expected = tonumber(ARGV[1])
local last = 0
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for place = 1, #info, 2 do
    if info[place] == 'last-generated-id' then last = tonumber(string.match(info[place + 1], '^%d+')) end
  end
end
if last ~= expected then return 0 end
for index = 2, #ARGV do
  redis.call('XADD', KEYS[1], string.format('%.0f-0', expected + index - 1), 'event', ARGV[index])
end
return 1`;
