import { expect, test } from "vitest";
import { seed, seedAuthors } from "../../../src/seed/seed.ts";
import { countStored, useBlog } from "../../support/database.ts";

const context = useBlog();

test("fills a blog with authors, posts, drafts and edits, and a second time adds nothing", async () => {
  const { commandService, queries } = context.blog;
  const steps: number[] = [];
  await seed(commandService, (done, total) => steps.push(total - done));
  expect(steps).toEqual(Array.from({ length: 30 }, (_, index) => 29 - index));
  const before = await countStored(context.database);
  expect(before.events).toBeGreaterThan(100);

  await seed(commandService);
  expect(await countStored(context.database)).toEqual(before);

  const posts = await queries.ask({ type: "PublishedPosts", limit: 100 });
  const dates = posts.rows.map(({ publication_date }) => publication_date);
  expect(dates).toEqual([...dates].sort().reverse());
  expect(posts.rows).toHaveLength(
    seedAuthors.flatMap(({ posts }) => posts).filter(({ publishedOn }) => publishedOn).length,
  );
  for (const { edits = [], content } of seedAuthors.flatMap((author) => author.posts)) {
    for (const [before] of edits) expect(content).toContain(before);
  }
});
