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

test("a blog has the clock that it is handed", async () => {
  const now = new Date("2026-11-20T09:00:00Z");
  const { commandService, eventStore } = createBlog({ ...context.database, clock: () => now });
  const adding = author();
  await commandService.executeCommands(adding);
  const [stored] = await eventStore.load([adding.aggregateId]);
  expect(stored?.events[0]).toMatchObject({ createdAt: now });
  expect((await eventStore.findCommands([adding.commandId]))[0]).toMatchObject({ createdAt: now });
});
