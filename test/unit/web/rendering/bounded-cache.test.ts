import { expect, test, vi } from "vitest";
import { BoundedCache } from "../../../../src/web/rendering/bounded-cache.ts";

test("forgets the least recently used values first, and never holds more than its limit", () => {
  const cache = new BoundedCache<string>(2_400);
  const make = vi.fn(() => "0123456789".repeat(100));
  for (const key of ["a", "b", "a", "c", "a"]) cache.get(key, make);
  expect(make).toHaveBeenCalledTimes(3);
  cache.get("b", make);
  expect(make).toHaveBeenCalledTimes(4);
  expect(cache.get("long", () => "x".repeat(10_000))).toHaveLength(10_000);
  cache.get("long", make);
  expect(make).toHaveBeenCalledTimes(5);
});

test("the number of empty texts is also limited", () => {
  const cache = new BoundedCache<string>(1_000);
  const make = vi.fn(() => "");
  for (let key = 0; key < 1_000; key += 1) cache.get(`key ${key}`, make);
  cache.get("key 0", make);
  expect(make).toHaveBeenCalledTimes(1_001);
});
