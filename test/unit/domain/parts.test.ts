import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { createBlog } from "../../../src/blog.ts";
import { EraseAuthor } from "../../../src/domain/author/commands.ts";
import { countStored, useBlog } from "../../support/database.ts";
import { author } from "../../support/people.ts";

const context = useBlog();

test("a blog uses the filters and the middleware that it gets", async () => {
  const seen: string[] = [];
  const { write, read } = context.database;
  const { commandService } = createBlog({
    write,
    read,
    filters: [
      ({ class: { type } }) => {
        if (type === "EraseAuthor") throw new RangeError("not you");
      },
    ],
    middleware: [
      async ({ class: { type } }, next) => {
        await next();
        seen.push(type);
      },
    ],
  });
  await commandService.executeCommands(author());
  await expect(
    commandService.executeCommands(
      new EraseAuthor({ aggregateId: newId(), userId: "program:test", by: "ann" }),
    ),
  ).rejects.toThrow("not you");
  expect(seen).toEqual(["AddAuthor"]);
  expect((await countStored(context.database)).commands).toBe(1);
});

test("a blog uses the clock that it gets", async () => {
  const now = new Date("2026-11-20T09:00:00Z");
  const { commandService, eventStore } = createBlog({ ...context.database, clock: () => now });
  const adding = author();
  await commandService.executeCommands(adding);
  const [stored] = await eventStore.load([adding.aggregateId]);
  expect(stored?.events[0]).toMatchObject({ createdAt: now });
  expect((await eventStore.findCommands([adding.commandId]))[0]).toMatchObject({ createdAt: now });
});
