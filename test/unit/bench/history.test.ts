import { expect, test } from "vitest";
import { makeHistory } from "../../../bench/harness/history.ts";
import { EditPost } from "../../../src/domain/post/commands.ts";
import { useBlog } from "../../support/database.ts";
import { foldedViews, storedEvents, storedViews } from "../../support/views.ts";

const context = useBlog();

test.each([4, 5, 8])(
  "a history of %i events for each post has the views that they lead to",
  async (eventsOfPost) => {
    const { database, blog } = context;
    const { postIds } = await makeHistory({ database, blog }, { posts: 30, eventsOfPost });
    const events = await storedEvents(database);
    expect(postIds).toHaveLength(30);
    expect(events).toHaveLength(30 * eventsOfPost + 3);
    expect(await storedViews(database)).toEqual(await foldedViews(events));
  },
);

test("posts that were made can be edited as any other", async () => {
  const { database, blog } = context;
  const { postIds } = await makeHistory({ database, blog }, { posts: 2, eventsOfPost: 10 });
  const [aggregateId = ""] = postIds;
  await blog.commandService.executeCommands(new EditPost({ aggregateId, title: "Edited", content: "Words" }));
  const { rows } = await database.read.raw(
    "select title, version from view_schema.post_records where aggregate_id = ?",
    [aggregateId],
  );
  expect(rows).toEqual([{ title: "Edited", version: 12 }]);
});
