import { expect, test } from "vitest";
import { checkWiring, eventsNobodyTakes } from "#sequent/operations";
import { modules, projectors, workflowsOf } from "../../src/blog.ts";
import { useBlog } from "../support/database.ts";

const context = useBlog();

test("the blog fits together, and each of its events is used", () => {
  const blog = { modules, projectors, workflows: workflowsOf(context.database) };
  expect(() => checkWiring(blog)).not.toThrow();
  expect(eventsNobodyTakes(blog)).toEqual([]);
});
