import { expect, test } from "vitest";
import { checkWiring, eventsNobodyTakes } from "#sequent/operations";
import { createBlog, modules, projectors } from "../../src/blog.ts";
import { useBlog } from "../support/database.ts";
import { author } from "../support/people.ts";

const context = useBlog();

test("the blog fits together, and somebody takes each of its events", () => {
  const blog = { modules, projectors, workflows: [] };
  expect(() => checkWiring(blog)).not.toThrow();
  expect(eventsNobodyTakes(blog)).toEqual([]);
});
