import { expect, test, vi } from "vitest";
import { calendarDate } from "#sequent";
import type { Clock } from "#sequent/operations";
import { byProgram } from "../../../src/bin/by-program.ts";
import { ErasureRun } from "../../../src/bin/erasure-run.ts";
import { createBlog } from "../../../src/blog.ts";
import { AddAuthor, EraseAuthor } from "../../../src/domain/author/commands.ts";
import { AddPost, PublishPost } from "../../../src/domain/post/commands.ts";
import { seed } from "../../../src/seed/seed.ts";
import { readAuthors } from "../../../src/seed/texts.ts";
import { countStored, useBlog } from "../../support/database.ts";

const context = useBlog();
const filters = [byProgram("test")];
const serviceAt = (clock: Clock) => createBlog({ ...context.database, clock, filters }).commandService;

test("fills a blog with authors, posts, drafts and edits, and a second time adds nothing", async () => {
  const { queries } = context.blog;
  const steps: number[] = [];
  await seed(serviceAt, (done, total) => steps.push(total - done));
  expect(steps).toEqual(Array.from({ length: 30 }, (_, index) => 29 - index));
  const before = await countStored(context.database);
  expect(before.events).toBeGreaterThan(100);

  await seed(serviceAt);
  expect(await countStored(context.database)).toEqual(before);

  const { rows } = await context.database.read.raw(
    `select distinct payload ->> 'authorAggregateId' = user_id as is_own
       from sequent_schema.commands where command_type = 'AddPost'`,
  );
  expect(rows).toEqual([{ is_own: true }]);

  const posts = await queries.ask({ type: "PublishedPosts", limit: 100 });
  const dates = posts.rows.map(({ publication_date }) => publication_date);
  expect(dates).toEqual([...dates].sort().reverse());
  const texts = readAuthors().flatMap((author) => author.posts);
  expect(posts.rows).toHaveLength(texts.filter(({ published }) => published).length);
  for (const { edits, content } of texts) {
    for (const [before] of edits) expect(content).toContain(before);
  }
});

test("your own posts come before all seeded ones", async () => {
  const { commandService, queries } = createBlog({ ...context.database, filters });
  const author = new AddAuthor({ name: "Ann", email: "ann@example.com" });
  const post = new AddPost({
    authorAggregateId: author.aggregateId,
    title: "Mine",
    content: "Written today.",
  });
  const publicationDate = calendarDate(new Date());
  await commandService.executeCommands(
    author,
    post,
    new PublishPost({ aggregateId: post.aggregateId, publicationDate }),
  );
  await seed(serviceAt);
  const posts = await queries.ask({ type: "PublishedPosts", limit: 1 });
  expect(posts.rows.map(({ title }) => title)).toEqual(["Mine"]);
});

test("writes no post for an author who was erased before", async () => {
  const { commandService, queries } = createBlog({ ...context.database, filters });
  const killed = seed(serviceAt, (done) => {
    if (done === 5) throw new Error("killed"); // after the authors
  });
  await expect(killed).rejects.toThrow("killed");
  const { rows } = await queries.ask({ type: "Authors", limit: 1 });
  const [erased] = rows;
  await commandService.executeCommands(
    new EraseAuthor({ aggregateId: erased?.aggregate_id ?? "", by: "ann" }),
  );
  await seed(serviceAt);
  expect(
    await context.database
      .read("view_schema.author_records")
      .where({ published_posts: 0 })
      .pluck("aggregate_id"),
  ).toEqual([erased?.aggregate_id]);
});

test("leaves out an erased author, and writes the others", async () => {
  const { queries } = context.blog;
  await seed(serviceAt);
  const { rows } = await queries.ask({ type: "Authors", limit: 1 });
  vi.spyOn(console, "log").mockImplementation(() => {});
  await new ErasureRun(context.database).erase([{ kind: "author", id: rows[0]?.aggregate_id ?? "" }], {});
  const steps: number[] = [];
  await seed(serviceAt, (done) => steps.push(done));
  expect(steps.at(-1)).toBe(30);
});
