import { expect, test, vi } from "vitest";
import { ErasureRun } from "../../../src/bin/erasure-run.ts";
import { EraseAuthor } from "../../../src/domain/author/commands.ts";
import { seed } from "../../../src/seed/seed.ts";
import { readAuthors } from "../../../src/seed/texts.ts";
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
  const texts = readAuthors().flatMap((author) => author.posts);
  expect(posts.rows).toHaveLength(texts.filter(({ published }) => published).length);
  for (const { edits, content } of texts) {
    for (const [before] of edits) expect(content).toContain(before);
  }
});

test("writes no post for an author who was erased before it was written", async () => {
  const { commandService, queries } = context.blog;
  const killed = seed(commandService, (done) => {
    if (done === 5) throw new Error("killed"); // after the authors
  });
  await expect(killed).rejects.toThrow("killed");
  const { rows } = await queries.ask({ type: "Authors", limit: 1 });
  const [erased] = rows;
  await commandService.executeCommands(
    new EraseAuthor({ aggregateId: erased?.aggregate_id ?? "", by: "ann" }),
  );
  await seed(commandService);
  expect(
    await context.database
      .read("view_schema.author_records")
      .where({ published_posts: 0 })
      .pluck("aggregate_id"),
  ).toEqual([erased?.aggregate_id]);
});

test("leaves out an author who was erased, and writes what is left", async () => {
  const { commandService, queries } = context.blog;
  await seed(commandService);
  const { rows } = await queries.ask({ type: "Authors", limit: 1 });
  vi.spyOn(console, "log").mockImplementation(() => {});
  await new ErasureRun(context.database).erase([{ kind: "author", id: rows[0]?.aggregate_id ?? "" }], {});
  const steps: number[] = [];
  await seed(commandService, (done) => steps.push(done));
  expect(steps.at(-1)).toBe(30);
});
