import { describe, expect, test } from "vitest";
import type { BaseCommand } from "#sequent";
import { newId } from "#sequent/operations";
import { RenameAuthor } from "../../../src/domain/author/commands.ts";
import { EditPost } from "../../../src/domain/post/commands.ts";
import type { Questions } from "../../../src/projections/queries.ts";
import { useBlog } from "../../support/database.ts";
import { author, draftBy, publication } from "../../support/people.ts";

const context = useBlog();
const ben = author();
const readers: Readonly<Record<string, string | undefined>> = {
  "the author": ben.aggregateId,
  "another author": newId(),
  nobody: undefined,
  "a program": "program:npm run console",
  "a workflow": "workflow:WelcomeWorkflow",
};
const insiders = ["the author", "a program", "a workflow"];

/** A draft. If it is published: written (versions 1 to 4), with another text (5), published (6), with another title (7). */
async function givenPost({ isPublished }: { isPublished: boolean }): Promise<string> {
  const post = draftBy(ben.aggregateId);
  const { aggregateId, userId } = post;
  await run(ben, post);
  if (!isPublished) return aggregateId;
  await run(new EditPost({ aggregateId, userId, title: "On moss", content: "It is brown." }));
  await run(publication(aggregateId));
  await run(new EditPost({ aggregateId, userId, title: "On lichen", content: "It is brown." }));
  return aggregateId;
}

async function run(...commands: readonly BaseCommand[]): Promise<void> {
  for (const command of commands) await context.blog.commandService.executeCommands(command);
}

describe.each(Object.entries(readers))("%s", (who, readerId) => {
  const isInsider = insiders.includes(who);
  const ask: Questions["ask"] = (query) => context.blog.queries.ask(query);

  test(`${isInsider ? "sees" : "sees nothing of"} a draft`, async () => {
    const postId = await givenPost({ isPublished: false });
    const post = await ask({ type: "PostById", postId, readerId });
    const inList = await ask({ type: "PostsByAuthor", authorId: ben.aggregateId, readerId, limit: 9 });
    const revisions = await ask({ type: "PostRevisions", postId, readerId, limit: 9, bytes: 1_000 });
    const past = await ask({ type: "PostAtVersion", postId, readerId, version: 4 });
    expect([post?.first_version, inList.rows.length, revisions.length, past?.title]).toEqual(
      isInsider ? [1, 1, 4, "On moss"] : [undefined, 0, 0, undefined],
    );
  });

  test("sees a published post, in the list, too", async () => {
    const postId = await givenPost({ isPublished: true });
    const post = await ask({ type: "PostById", postId, readerId });
    expect(post).toMatchObject({ title: "On lichen", first_version: isInsider ? 1 : 6 });
    const { rows } = await ask({ type: "PostsByAuthor", authorId: ben.aggregateId, readerId, limit: 9 });
    expect(rows.map(({ title }) => title)).toEqual(["On lichen"]);
  });

  test(`sees ${isInsider ? "all versions" : "versions since the publication"}`, async () => {
    const postId = await givenPost({ isPublished: true });
    const seen: number[] = [];
    for (let version = 1; version <= 8; version += 1) {
      const past = await ask({ type: "PostAtVersion", postId, readerId, version });
      if (past) seen.push(past.version);
    }
    expect(seen).toEqual(isInsider ? [1, 2, 3, 4, 5, 6, 7] : [6, 7]);
  });

  test(`sees ${isInsider ? "all events" : "events since the publication, and the values that they replaced"}`, async () => {
    const postId = await givenPost({ isPublished: true });
    const revisions = await ask({ type: "PostRevisions", postId, readerId, limit: 9, bytes: 10_000 });
    const shown = revisions.map(({ version, payload, is_earlier }) => [
      version,
      payload["title"],
      is_earlier,
    ]);
    if (isInsider) expect(shown.map(([version]) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    else
      expect(shown).toEqual([
        [3, "On moss", true],
        [6, undefined, false],
        [7, "On lichen", false],
      ]);
  });
});

test.each(Object.entries(readers))("the history of an account, for %s", async (who, readerId) => {
  await run(
    ben,
    new RenameAuthor({ aggregateId: ben.aggregateId, userId: ben.aggregateId, name: "Benjamin" }),
  );
  const asked = { type: "AuthorRevisions", authorId: ben.aggregateId, readerId } as const;
  const types = (await context.blog.queries.ask(asked)).map(({ event_type }) => event_type);
  const history = ["AuthorAdded", "AuthorNameSet", "AuthorEmailSet", "AuthorNameSet"];
  expect(types).toEqual(insiders.includes(who) ? history : []);
});

test("a value that was replaced before the publication is for nobody else", async () => {
  const postId = await givenPost({ isPublished: true });
  const edit = { aggregateId: postId, userId: ben.aggregateId, title: "On lichen", content: "It is grey." };
  await run(new EditPost(edit));
  const asked = { type: "PostRevisions", postId, readerId: undefined, limit: 9, bytes: 10_000 } as const;
  const revisions = await context.blog.queries.ask(asked);
  const texts = revisions.flatMap(({ payload }) => payload["content"] ?? []);
  expect(texts).toEqual(["It is brown.", "It is grey."]); // not green, as in the first draft
});
