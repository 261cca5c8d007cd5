import { describe, expect, test } from "vitest";
import { mergeTexts } from "../../src/web/merge.ts";

const base = { title: "a", content: "b" };

describe("a three-way merge", () => {
  test.each([
    ["only mine changed", base, base, { title: "A", content: "b" }, { title: "A", content: "b" }, [], []],
    [
      "only theirs changed",
      base,
      { title: "A", content: "b" },
      base,
      { title: "A", content: "b" },
      ["title"],
      [],
    ],
    [
      "different fields",
      base,
      { title: "A", content: "b" },
      { title: "a", content: "B" },
      { title: "A", content: "B" },
      ["title"],
      [],
    ],
    [
      "the same change",
      base,
      { title: "A", content: "b" },
      { title: "A", content: "b" },
      { title: "A", content: "b" },
      [],
      [],
    ],
    [
      "one field, differently",
      base,
      { title: "A", content: "B" },
      { title: "Z", content: "b" },
      { title: "Z", content: "B" },
      ["content"],
      ["title"],
    ],
    ["no base", undefined, base, { title: "a", content: "B" }, { title: "a", content: "B" }, [], ["content"]],
  ])("%s", (_what, before, theirs, mine, merged, theirsAlone, conflicts) => {
    expect(mergeTexts(before, theirs, mine)).toEqual({ merged, theirsAlone, conflicts });
  });
});
