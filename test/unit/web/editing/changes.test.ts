import { expect, test } from "vitest";
import { abridged, changesBetween } from "../../../../src/web/editing/changes.ts";
import { cpuTime } from "../../../support/cpu.ts";
import { words } from "../../../support/nasty-texts.ts";

test("shows which words were removed and added", () => {
  expect(changesBetween("It is green.", "It is brown.")).toEqual([
    { kind: "same", text: "It is " },
    { kind: "removed", text: "green" },
    { kind: "added", text: "brown" },
    { kind: "same", text: "." },
  ]);
});

test("a few changes in the longest text are found", () => {
  const before = words(1);
  const after = `So ${before.slice(0, 30_000)}…${before.slice(30_100)}`;
  const changes = changesBetween(before, after) ?? [];
  const textOf = (other: string) =>
    changes.flatMap(({ kind, text }) => (kind === other ? [] : [text])).join("");
  expect([textOf("added"), textOf("removed")]).toEqual([before, after]);
  expect(changes.filter(({ kind }) => kind === "same").map(({ text }) => text.length)).toContainEqual(
    expect.closeTo(35_400, -3),
  );
});

test.each([
  ["words", words(1), words(2)],
  ["letters", "a ".repeat(32_000), "b ".repeat(32_000)],
  [
    "punctuation",
    `${".".repeat(32_000)}a${".".repeat(32_000)}`,
    `${words(1).slice(0, 600)}${".".repeat(60_000)}${words(2).slice(0, 600)}`,
  ],
  ["moved words", words(1), words(1).split(" ").reverse().join(" ")],
])("texts that differ too much are not compared for long: %s", (_case, before, after) => {
  const started = cpuTime();
  expect(changesBetween(before, after)).toBeUndefined();
  expect(cpuTime() - started).toBeLessThan(1_000);
});

test("leaves out text that is far from a change", () => {
  const many = (word: string) => `${word} `.repeat(100);
  const [start, , , end] = abridged(
    changesBetween(`${many("before")}old ${many("after")}`, `${many("before")}new ${many("after")}`) ?? [],
  );
  expect(start?.text).toMatch(/^… (before ){9,11}$/);
  expect(end?.text).toMatch(/^( ?after){9,11} … $/);
});
