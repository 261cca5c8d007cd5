import { expect, test } from "vitest";
import { abridged, changesBetween } from "../../../src/web/changes.ts";
import { cpuTime } from "../../support/cpu.ts";

test("says which words were removed and added", () => {
  expect(changesBetween("It is green.", "It is brown.")).toEqual([
    { kind: "same", text: "It is " },
    { kind: "removed", text: "green" },
    { kind: "added", text: "brown" },
    { kind: "same", text: "." },
  ]);
});

test("shows texts whole where comparing them would take too long", () => {
  const one = Array.from({ length: 20_000 }, (_, index) => `a${index}`).join(" ");
  const other = Array.from({ length: 20_000 }, (_, index) => `b${index}`).join(" ");
  const started = cpuTime();
  expect(changesBetween(one, other).map(({ kind }) => kind)).toEqual(["removed", "added"]);
  expect(cpuTime() - started).toBeLessThan(2_000);
});

test("leaves out what is far from a change", () => {
  const words = (word: string) => `${word} `.repeat(100);
  const [start, , , end] = abridged(
    changesBetween(`${words("before")}old ${words("after")}`, `${words("before")}new ${words("after")}`),
  );
  expect(start?.text).toMatch(/^… (before ){9,11}$/);
  expect(end?.text).toMatch(/^( ?after){9,11} … $/);
});
