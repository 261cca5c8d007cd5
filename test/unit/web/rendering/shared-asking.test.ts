import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { SharedAsking } from "../../../../src/web/rendering/shared-asking.ts";

/** Something that changes, and how often it was looked up. */
function setup() {
  const shared = new SharedAsking<number>();
  const state = { value: 1, lookups: 0, error: undefined as Error | undefined };
  const ask = (key = "a") =>
    shared.ask(key, async () => {
      state.lookups += 1;
      const seen = state.value;
      await turn();
      if (state.error) throw state.error;
      return seen;
    });
  return { ask, state };
}

test("all who ask at once share one look-up, and nobody gets what was looked up before they came", async () => {
  const { ask, state } = setup();
  const first = [ask(), ask(), ask()];
  while (state.lookups === 0) await turn();
  state.value = 2;
  const later = [ask(), ask()];
  expect(await Promise.all(first)).toEqual([1, 1, 1]);
  expect(await Promise.all(later)).toEqual([2, 2]);
  expect(state.lookups).toBe(2);
});

test("who asks for something else is asked for apart", async () => {
  const { ask, state } = setup();
  await Promise.all([ask("a"), ask("b")]);
  expect(state.lookups).toBe(2);
});

test("a look-up that fails fails for those who shared it, and for nobody after them", async () => {
  const { ask, state } = setup();
  state.error = new Error("cut off");
  const answers = await Promise.allSettled([ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  state.error = undefined;
  expect(await ask()).toBe(1);
});
