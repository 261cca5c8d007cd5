import { expect, test } from "vitest";
import { makeHistory } from "../../../bench/harness/history.ts";
import { EditPost } from "../../../src/domain/post/commands.ts";
import { useBlog } from "../../support/database.ts";
import { foldedViews, storedEvents, storedViews } from "../../support/views.ts";

const context = useBlog();

test.each([4, 5, 8])(
  "the views of a history of %i events for each post fit its events",
  async (eventsOfPost) => {
    const { database, blog } = context;
    const { postIds } = await makeHistory({ database, blog }, { posts: 30, eventsOfPost });
    const events = await storedEvents(database);
    expect(postIds).toHaveLength(30);
    expect(events).toHaveLength(30 * eventsOfPost + 3);
    expect(await storedViews(database)).toEqual(await foldedViews(events));
  },
);

test("posts of a history can be edited like any other", async () => {
  const { database, blog } = context;
  const { postIds } = await makeHistory({ database, blog }, { posts: 2, eventsOfPost: 10 });
  const [aggregateId = ""] = postIds;
  const edit = { aggregateId, userId: "program:test", title: "Edited", content: "Words" };
  await blog.commandService.executeCommands(new EditPost(edit));
  const { rows } = await database.read.raw(
    "select title, version from view_schema.post_records where aggregate_id = ?",
    [aggregateId],
  );
  expect(rows).toEqual([{ title: "Edited", version: 12 }]);
});
