import fc from "fast-check";
import { expect, test } from "vitest";
import { AggregateKeyNotUnique, AggregateNotFound, type BaseCommand, EditConflict } from "#sequent";
import { CommandIdReused, newId } from "#sequent/operations";
import { byProgram } from "../../src/bin/by-program.ts";
import { createBlog } from "../../src/blog.ts";
import { AddAuthor, RenameAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../../src/domain/post/commands.ts";
import { PostAlreadyPublished } from "../../src/domain/post/errors.ts";
import { NotTheAuthor } from "../../src/domain/shared/errors.ts";
import { empty, useBlog } from "../support/database.ts";
import { foldedViews, storedEvents, storedViews } from "../support/views.ts";

interface Texts {
  readonly title: string;
  readonly content: string;
}

/** What the blog should be, said as simply as it can be. */
interface Model {
  readonly authors: { id: string; email: string; posts: number }[];
  readonly posts: {
    id: string;
    author: string;
    title: string;
    content: string;
    version: number;
    /** What it said at each version from when it was written on. */
    readonly said: Map<number, Texts>;
    published?: string;
  }[];
  readonly executed: BaseCommand[];
}

const context = useBlog();
const service = () => createBlog({ ...context.database, filters: [byProgram("test")] }).commandService;

test("the blog does what a simple model of it does, whatever is asked in whatever order", async () => {
  const runs = Number(process.env["MODEL_RUNS"] ?? 15);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await empty(context.database);
      const model: Model = { authors: [], posts: [], executed: [] };
      for (const run of steps) await run(model);
      await checkStreams(model);
      await checkViews();
      await checkKeys(model);
    }),
    { numRuns: runs, endOnFailure: true },
  );
}, 120_000);

type Step = (model: Model) => Promise<void>;

const title = fc.constantFrom("One", "Two", "Three");
const content = fc.constantFrom("A", "B", "C\n\nD");
const pick = fc.nat(20);

const addAuthor = fc
  .constantFrom("ann@example.com", "Ann@Example.com", "ben@example.com", "cy@example.com")
  .map(
    (email): Step =>
      async (model) => {
        const command = new AddAuthor({ name: "Somebody", email });
        if (model.authors.some((author) => author.email === email.toLowerCase()))
          return refused(command, AggregateKeyNotUnique);
        await accepted(command, model, 3);
        model.authors.push({ id: command.aggregateId, email: email.toLowerCase(), posts: 0 });
      },
  );

const addPost = fc.tuple(pick, title, content).map(
  ([number, title, content]): Step =>
    async (model) => {
      const author = model.authors[number];
      const command = new AddPost({ authorAggregateId: author?.id ?? newId(), title, content });
      if (!author) return refused(command, AggregateNotFound);
      await accepted(command, model, 4);
      const said = new Map([[4, { title, content }]]);
      model.posts.push({ id: command.aggregateId, author: author.id, title, content, version: 4, said });
    },
);

const editPost = fc.tuple(pick, title, content).map(
  ([number, title, content]): Step =>
    async (model) => {
      const post = model.posts[number % Math.max(model.posts.length, 1)];
      if (!post) return refused(new EditPost({ aggregateId: newId(), title, content }), AggregateNotFound);
      await accepted(
        new EditPost({ aggregateId: post.id, title, content }),
        model,
        changesOf(post, { title, content }),
      );
      change(post, { title, content });
    },
);

const mergePost = fc.tuple(pick, title, content, fc.nat(5)).map(
  ([number, title, content, ago]): Step =>
    async (model) => {
      const post = model.posts[number % Math.max(model.posts.length, 1)];
      if (!post) return;
      const seenVersion = Math.max(post.version - ago, 4);
      const seen = post.said.get(seenVersion) ?? { title: "", content: "" };
      const command = new EditPost({ aggregateId: post.id, title, content, seenVersion });
      const isConflict = (before: string, now: string, asked: string) =>
        new Set([before, now, asked]).size === 3;
      if (isConflict(seen.title, post.title, title) || isConflict(seen.content, post.content, content))
        return refused(command, EditConflict);
      const merged = {
        title: title === seen.title ? post.title : title,
        content: content === seen.content ? post.content : content,
      };
      await accepted(command, model, changesOf(post, merged));
      change(post, merged);
    },
);

function changesOf(post: Texts, { title, content }: Texts): number {
  return Number(post.title !== title) + Number(post.content !== content);
}

/** The title first, then the text: each is a version. */
function change(post: Model["posts"][number], { title, content }: Texts): void {
  if (post.title !== title) {
    post.title = title;
    post.said.set(++post.version, { title, content: post.content });
  }
  if (post.content !== content) {
    post.content = content;
    post.said.set(++post.version, { title, content });
  }
}

const publishPost = pick.map(
  (number): Step =>
    async (model) => {
      const post = model.posts[number % Math.max(model.posts.length, 1)];
      const command = new PublishPost({ aggregateId: post?.id ?? newId(), publicationDate: "2026-01-31" });
      if (!post) return refused(command, AggregateNotFound);
      if (post.published) return refused(command, PostAlreadyPublished);
      await accepted(command, model, 1);
      Object.assign(post, { published: "2026-01-31", version: post.version + 1 });
      post.said.set(post.version, { title: post.title, content: post.content });
      const author = model.authors.find(({ id }) => id === post.author);
      if (author) author.posts += 1;
    },
);

const repeat = pick.map(
  (number): Step =>
    async ({ executed }) => {
      const command = executed[number % Math.max(executed.length, 1)];
      if (!command) return;
      const events = (await storedEvents(context.database)).length;
      const [result] = await service().executeCommands(command);
      expect(result?.aggregateId).toBe(command.aggregateId);
      expect(await storedEvents(context.database)).toHaveLength(events);
      const other = new PublishPost({
        aggregateId: newId(),
        commandId: command.commandId,
        publicationDate: "2020-01-01",
      });
      await refused(other, CommandIdReused);
    },
);

/** Another author, or somebody without an account, asks for what only the author may do. */
const trespass = fc.tuple(pick, pick, title, content).map(
  ([number, other, title, content]): Step =>
    async ({ authors, posts, executed }) => {
      const post = posts[number % Math.max(posts.length, 1)];
      const stranger = authors[other];
      if (!post || stranger?.id === post.author) return;
      const userId = stranger?.id ?? newId();
      const asked = { aggregateId: post.id, userId };
      await refused(new EditPost({ ...asked, title, content, seenVersion: post.version }), NotTheAuthor);
      await refused(new PublishPost({ ...asked, publicationDate: "2026-01-31" }), NotTheAuthor);
      await refused(new AddPost({ authorAggregateId: post.author, userId, title, content }), NotTheAuthor);
      await refused(new RenameAuthor({ aggregateId: post.author, userId, name: "Eve" }), NotTheAuthor);
      const edit = executed.find((each) => each instanceof EditPost);
      if (edit) await refused(new EditPost({ ...edit, userId }), CommandIdReused);
    },
);

const step = fc.oneof(
  addAuthor,
  addPost,
  addPost,
  editPost,
  editPost,
  mergePost,
  mergePost,
  publishPost,
  repeat,
  trespass,
);

async function accepted(command: BaseCommand, model: Model, eventCount: number): Promise<void> {
  const [result] = await service().executeCommands(command);
  expect(result).toMatchObject({
    commandId: command.commandId,
    aggregateId: command.aggregateId,
    eventCount,
  });
  model.executed.push(command);
}

async function refused(
  command: BaseCommand,
  reason: abstract new (...args: never[]) => Error,
): Promise<void> {
  await expect(service().executeCommands(command)).rejects.toBeInstanceOf(reason);
}

async function checkStreams({ authors, posts, executed }: Model): Promise<void> {
  const expected = new Map([
    ...authors.map(({ id }) => [id, 3] as const),
    ...posts.map(({ id, version }) => [id, version] as const),
  ]);
  const streams = await context.blog.eventStore.load([...expected.keys()]);
  const numbers = streams.map(
    ({ aggregateId, events }) => [aggregateId, events.map(({ sequenceNumber }) => sequenceNumber)] as const,
  );
  const counted = [...expected].map(
    ([id, count]) => [id, Array.from({ length: count }, (_, index) => index + 1)] as const,
  );
  expect(new Map(numbers)).toEqual(new Map(counted));
  const { rows } = await context.database.write.raw(
    "select count(*)::integer as count from sequent_schema.commands",
  );
  expect(rows[0].count).toBe(executed.length);
}

async function checkViews(): Promise<void> {
  const events = await storedEvents(context.database);
  expect(await storedViews(context.database)).toEqual(await foldedViews(events));
}

async function checkKeys({ authors }: Model): Promise<void> {
  const { rows } = await context.database.write.raw(
    "select scope, key, aggregate_id from sequent_schema.aggregate_unique_keys",
  );
  const expected = authors.map(({ id, email }) => ({ scope: "author_email", key: email, aggregate_id: id }));
  const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);
  expect(rows.sort(byKey)).toEqual(expected.sort(byKey));
  for (const { id, posts } of authors) {
    expect((await context.blog.queries.ask({ type: "AuthorById", authorId: id }))?.published_posts).toBe(
      posts,
    );
  }
}
