import { createHmac } from "node:crypto";
import { isIPv6 } from "node:net";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { TooManyRequests } from "../errors/http-errors.ts";

/** How often one address may do something. Only POST requests change something. */
export interface Limit {
  readonly name: string;
  readonly most: number;
  readonly seconds: number;
  counts(req: Request): boolean;
  /** True if the request should not count after all. */
  unless?(res: Response): boolean;
}

/** Counts for all processes together. */
export interface RateLimitStore {
  /** Adds one to the count of each key, and returns the states in the same order. A count starts again after its time. */
  count(keys: readonly { readonly key: string; readonly seconds: number }[]): Promise<readonly KeyState[]>;
  uncount(key: string): Promise<void>;
}

interface KeyState {
  readonly count: number;
  readonly secondsLeft: number;
}

interface RateLimitOptions {
  readonly store: RateLimitStore;
  readonly limits: readonly Limit[];
  /** Addresses are not stored, only their keyed hashes. */
  readonly secret: string;
}

const mostRemembered = 10_000;

export function rateLimit({ store, secret, limits }: RateLimitOptions): RequestHandler {
  /** Until when each key is refused, so a flood does not reach the database. Uses a clock that nobody can set back. */
  const refused = new Map<string, number>();

  const refuseWhileRemembered = ({ name }: Limit, key: string) => {
    const until = refused.get(key);
    if (until === undefined) return;
    const left = until - performance.now();
    if (left > 0) throw new TooManyRequests(name, Math.ceil(left / 1_000));
    refused.delete(key);
  };
  const refuse = ({ name, unless }: Limit, key: string, { secondsLeft }: KeyState): never => {
    if (refused.size >= mostRemembered) refused.clear();
    // A count that may be undone can end earlier.
    if (!unless) refused.set(key, performance.now() + secondsLeft * 1_000);
    throw new TooManyRequests(name, secondsLeft);
  };

  return async (req: Request, res: Response, next: NextFunction) => {
    if (req.method !== "POST") return next();
    const address = keyedHash(secret, addressKey(req.ip ?? ""));
    const counted = limits
      .filter((limit) => limit.counts(req))
      .map((limit) => ({ limit, key: `${limit.name}:${address}`, seconds: limit.seconds }));
    for (const { limit, key } of counted) refuseWhileRemembered(limit, key);

    const states = await store.count(counted.map(({ key, seconds }) => ({ key, seconds })));
    res.once("close", () => {
      for (const { limit, key } of counted) if (limit.unless?.(res)) store.uncount(key).catch(() => {});
    });
    for (const [index, { limit, key }] of counted.entries()) {
      const state = states[index];
      if (state && state.count > limit.most) refuse(limit, key, state);
    }
    next();
  };
}

/** For `unless`: a person who mistypes the e-mail address five times may try again. */
export function isRefused({ statusCode }: Response): boolean {
  return statusCode >= 400;
}

/** One home or machine has a whole /64 of IPv6 addresses to choose from, so they count as one. */
export function addressKey(address: string): string {
  const [plain = ""] = address.split("%");
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (v4 !== undefined || !isIPv6(plain)) return v4 ?? plain;
  const [before = "", after] = plain.split("::");
  const head = before.split(":").filter(Boolean);
  const tail = after?.split(":").filter(Boolean) ?? [];
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** Stored instead of an address. */
export function keyedHash(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url").slice(0, 22);
}
