import { expect, test } from "vitest";
import { isUuid, newId } from "#sequent/operations";
import { derivedId } from "../../../../src/framework/attributes/ids.ts";

test("ids are unique, and in the order in which they were made, also within a millisecond", () => {
  const ids = Array.from({ length: 20_000 }, () => newId());
  expect(ids.every(isUuid)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort());
});

test("ids stay ordered when the clock is put back", ({ onTestFinished }) => {
  const before = newId();
  const { now } = Date;
  Date.now = () => now() - 60_000;
  onTestFinished(() => {
    Date.now = now;
  });
  expect(newId() > before).toBe(true);
});

test("an id derived from another one is always the same, unique, and at the same place in the order", () => {
  const ids = Array.from({ length: 1_000 }, () => newId());
  const derived = ids.map(derivedId);
  expect(ids.map(derivedId)).toEqual(derived);
  expect(new Set([...ids, ...derived]).size).toBe(2_000);
  for (const [index, id] of derived.entries()) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(id.slice(0, 13)).toBe(ids[index]?.slice(0, 13));
  }
  expect(derivedId("019abcde-f012-7345-8678-9abcdef01234")).toBe("019abcde-f012-74d5-babb-465982a3ab92");
});
