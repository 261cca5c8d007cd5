import { expect, test } from "vitest";

const file = "../../../../tools/docs/browser/search.js"; // for browsers, without types
const { findSections } = await import(file);

const long = `${"before ".repeat(40)}a replay here ${"after ".repeat(40)}`;
const index = [
  ["Presnapshots", "", "presnapshots.html", ""],
  ["Taking", "Take snapshots", "taking.html#take-snapshots", ""],
  ["Events", "", "events.html", "What happened. Each has a number (a+b)."],
  ["Events", "Metadata", "events.html#metadata", "Who did it."],
  ["Replay", "", "replay.html", "Builds views again, from all events."],
  ["Replay", "While it runs", "replay.html#while-it-runs", long],
];
const addresses = (query: string) =>
  findSections(index, query).map(({ address }: { address: string }) => address);

test.each([
  ["events", ["events.html", "replay.html", "events.html#metadata"]],
  ["EVENTS meta", ["events.html#metadata"]],
  ["replay", ["replay.html", "replay.html#while-it-runs"]],
  ["snapshots", ["taking.html#take-snapshots", "presnapshots.html"]],
  ["events nothing-like-it", []],
  ["a+b", ["events.html"]],
  ["(", ["events.html"]],
  ["  ", []],
])("finds the sections with all words, headings first: %s", (query, expected) => {
  expect(addresses(query)).toEqual(expected);
});

test("shows at most three sections of a page", () => {
  const many = Array.from({ length: 9 }, (_, at) => ["Page", `Word ${at}`, `page.html#${at}`, ""]);
  expect(findSections(many, "word")).toHaveLength(3);
});

test("an excerpt is cut between words around what was found, which is every second piece of it", () => {
  const [{ excerpt }] = findSections(index, "here replay");
  expect(excerpt[0]).toMatch(/^… before (before )+a $/);
  expect(excerpt.slice(1, 4)).toEqual(["replay", " ", "here"]);
  expect(excerpt[4]).toMatch(/^ (after )+…$/);
  expect(excerpt.join("").length).toBeLessThan(190);
});
