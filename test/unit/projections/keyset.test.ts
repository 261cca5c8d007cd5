import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { cut, type List, placeAt } from "../../../src/projections/keyset.ts";

interface Row {
  readonly id: string;
  readonly title: string;
}

const titles: List<Row> = { order: "by text", placeOf: ({ title, id }) => [title, id], sql: "" };

test.each([
  ["short", "On moss"],
  ["of letters that take many bytes", "\u{1f9d1}".repeat(500)],
])("a page ends at a place where the next one goes on, also where the text is %s", (_what, title) => {
  const rows = [1, 2].map(() => ({ id: newId(), title }));
  const { next } = cut(titles, { limit: 1 }, rows);
  expect(placeAt(next, "by text")).toEqual([title, rows[0]?.id]);
});
