import { expect, test } from "vitest";
import { checkWiring, eventsNobodyTakes } from "#sequent/operations";
import { modules, projectors } from "../../src/blog.ts";

test("the blog fits together, and somebody takes each of its events", () => {
  const blog = { modules, projectors, workflows: [] };
  expect(() => checkWiring(blog)).not.toThrow();
  expect(eventsNobodyTakes(blog)).toEqual([]);
});
