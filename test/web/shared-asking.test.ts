import { expect, test } from "vitest";
import { SharedAsking } from "../../src/web/shared-asking.ts";

/** Something that changes, and can be looked up; each look-up ends when it is told to. */
function setup() {
  const shared = new SharedAsking<number>();
  const lookups: { end: () => void; fail: (error: Error) => void }[] = [];
  const state = { value: 1 };
  const ask = (key = "a") =>
    shared.ask(key, () => {
      const seen = state.value;
      return new Promise((resolve, reject) => lookups.push({ end: () => resolve(seen), fail: reject }));
    });
  return { ask, lookups, state };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("all who come while one asks share the next look-up, and nobody gets what was looked up before they came", async () => {
  const { ask, lookups, state } = setup();
  const first = ask();
  state.value = 2;
  const others = [ask(), ask(), ask()];
  expect(lookups).toHaveLength(1);
  lookups[0]?.end();
  expect(await first).toBe(1);
  await turn();
  expect(lookups).toHaveLength(2);
  state.value = 3;
  const later = ask();
  lookups[1]?.end();
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  await turn();
  lookups[2]?.end();
  expect(await later).toBe(3);
  expect(lookups).toHaveLength(3);
});

test("who asks for something else does not wait", async () => {
  const { ask, lookups } = setup();
  void ask("a");
  const other = ask("b");
  lookups[1]?.end();
  expect(await other).toBe(1);
});

test("a look-up that fails fails for those who shared it, and for nobody after them", async () => {
  const { ask, lookups } = setup();
  const first = ask();
  const next = ask();
  lookups[0]?.fail(new Error("cut off"));
  await expect(first).rejects.toThrow("cut off");
  await turn();
  lookups[1]?.end();
  expect(await next).toBe(1);
  const later = ask();
  lookups[2]?.end();
  expect(await later).toBe(1);
});
