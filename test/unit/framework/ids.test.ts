import { expect, test } from "vitest";
import { isUuid, newId } from "#sequent/operations";

test("ids are unique, and ordered by when they were made, also within a millisecond", () => {
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
