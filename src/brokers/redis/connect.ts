import type { Redis } from "ioredis";
import { client } from "../client.ts";
import { patienceMs, within } from "../within.ts";

/** One connection. It is not made again when it is lost: whoever uses it opens another one, and asks first how things stand. */
export async function connectToRedis(url: string): Promise<Redis> {
  const { Redis } = await client(() => import("ioredis"), "redis", ["ioredis@6.0.0"]);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: patienceMs,
    retryStrategy: () => null,
    enableOfflineQueue: false,
  });
  redis.on("error", () => {}); // each command that fails says why
  try {
    await within(redis.connect(), "connecting to Redis");
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** The id of entry number `n`. Ids that count from 1 are those that Redis refuses a second time. */
export const entryId = (number: number) => `${number}-0`;
export const numberIn = (id: string) => Number(id.split("-")[0]);

export type Entry = readonly [id: string, fields: readonly string[]];

/** What a stream holds at its end. Undefined if there is no such stream. */
export async function endOf(
  redis: Redis,
  stream: string,
): Promise<{ number: number; last: Entry | null } | undefined> {
  const info = await redis.call("XINFO", "STREAM", stream).catch((error: Error) => {
    if (error.message.includes("no such key")) return undefined;
    throw error;
  });
  if (!Array.isArray(info)) return undefined;
  const fieldOf = (name: string) => info[info.indexOf(name) + 1];
  return { number: numberIn(fieldOf("last-generated-id")), last: fieldOf("last-entry") };
}

export function textIn([, fields]: Entry): string {
  return fields[fields.indexOf("event") + 1] ?? "";
}
