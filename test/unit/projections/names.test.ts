import { expect, test } from "vitest";
import { attributesOf, rowOf } from "../../../src/projections/names.ts";

test("a row gets the names of attributes back", () => {
  const state = { title: "Moss", publicationDate: null, address2Line: "x" };
  expect(rowOf(state)).toEqual({ title: "Moss", publication_date: null, address2_line: "x" });
  expect(attributesOf(rowOf(state))).toEqual(state);
});
