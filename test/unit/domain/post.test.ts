import { beforeEach, describe, expect, test } from "vitest";
import { AggregateClosed, AggregateNotFound, EditConflict, VersionConflict } from "#sequent";
import { newId, WrongAggregateType } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { modules } from "../../../src/blog.ts";
import { AuthorAdded, AuthorErased } from "../../../src/domain/author/events.ts";
import { AddPost, EditPost, PublishPost } from "../../../src/domain/post/commands.ts";
import { PostAlreadyPublished } from "../../../src/domain/post/errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostTitleChanged,
} from "../../../src/domain/post/events.ts";

const { given, when, thenEvents, thenIncludes, thenFails } = domainSpec({ beforeEach, modules });

const author = newId();
const post = newId();
const publicationDate = "2026-01-31";

const added = [
  AuthorAdded.of(author),
  PostAdded.of(post),
  PostAuthorChanged.of(post, { authorAggregateId: author }),
  PostTitleChanged.of(post, { title: "Hello" }),
  PostContentChanged.of(post, { content: "World" }),
];

describe("AddPost", () => {
  test("adds a post of an author", async () => {
    given(AuthorAdded.of(author));
    await when(
      new AddPost({ aggregateId: post, authorAggregateId: author, title: "Hello", content: "World" }),
    );
    thenEvents(...added.slice(1));
  });

  test("adds a published post if a day is given", async () => {
    given(AuthorAdded.of(author));
    const command = { aggregateId: post, authorAggregateId: author, title: "Hello", content: "World" };
    await when(new AddPost({ ...command, publicationDate }));
    thenIncludes(PostPublished.of(post, { publicationDate, authorAggregateId: author }));
  });

  test("is refused for an author who does not exist", async () => {
    await when(new AddPost({ authorAggregateId: author, title: "Hello", content: "World" }));
    thenFails(AggregateNotFound, { aggregateType: "Author", aggregateId: author });
  });

  test("is refused for an author who is erased", async () => {
    given(AuthorAdded.of(author), AuthorErased.of(author, { by: "ann" }));
    await when(new AddPost({ authorAggregateId: author, title: "Hello", content: "World" }));
    thenFails(AggregateClosed, { aggregateType: "Author", aggregateId: author });
  });

  test("is refused if the author is a post", async () => {
    given(...added);
    await when(new AddPost({ authorAggregateId: post, title: "Hello", content: "World" }));
    thenFails(AggregateNotFound, { aggregateType: "Author", aggregateId: post });
  });
});

describe("EditPost", () => {
  test("stores only what changed", async () => {
    given(...added);
    await when(new EditPost({ aggregateId: post, title: "Hello", content: "Everybody" }));
    thenEvents(PostContentChanged.of(post, { content: "Everybody" }));
  });

  test("stores nothing if nothing changed", async () => {
    given(...added);
    await when(new EditPost({ aggregateId: post, title: "Hello", content: "World" }));
    thenEvents();
  });

  test("is refused if the post does not exist, or is something else", async () => {
    given(...added);
    await when(new EditPost({ aggregateId: newId(), title: "Hi", content: "World" }));
    thenFails(AggregateNotFound);
    await when(new EditPost({ aggregateId: author, title: "Hi", content: "World" }));
    thenFails(WrongAggregateType, { aggregateId: author, actualType: "Author" });
  });
});

describe("EditPost of a post that others have changed since its sender saw it", () => {
  const seen = { aggregateId: post, seenVersion: 4 };

  test("keeps their changes of other fields", async () => {
    given(...added, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new EditPost({ ...seen, title: "Hello", content: "Everybody" }));
    thenEvents(PostContentChanged.of(post, { content: "Everybody" }));
  });

  test("is a conflict if both changed the same field, and names the field", async () => {
    const theirs = { title: "Hello again", content: "Sun" };
    given(...added, PostTitleChanged.of(post, theirs), PostContentChanged.of(post, theirs));
    await when(new EditPost({ ...seen, title: "Hello", content: "Moon" }));
    thenFails(EditConflict, { aggregateId: post, actualVersion: 6, fields: ["content"] });
  });

  test("stores nothing if they already made the same change", async () => {
    given(...added, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new EditPost({ ...seen, title: "Hello again", content: "World" }));
    thenEvents();
  });

  test("stores nothing if its sender changed nothing", async () => {
    given(...added, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new EditPost({ ...seen, title: "Hello", content: "World" }));
    thenEvents();
  });

  test("replaces a value that they changed and changed back", async () => {
    given(...added, ...["Hello again", "Hello"].map((title) => PostTitleChanged.of(post, { title })));
    await when(new EditPost({ ...seen, title: "Hi", content: "World" }));
    thenEvents(PostTitleChanged.of(post, { title: "Hi" }));
  });

  test("is no conflict with its publication", async () => {
    given(...added, PostPublished.of(post, { publicationDate, authorAggregateId: author }));
    await when(new EditPost({ ...seen, title: "Hi", content: "World" }));
    thenEvents(PostTitleChanged.of(post, { title: "Hi" }));
  });

  test.each([0, 99])("is a conflict if its sender saw a version that never was: %s", async (seenVersion) => {
    given(...added);
    await when(new EditPost({ aggregateId: post, seenVersion, title: "Hi", content: "World" }));
    thenFails(EditConflict, { fields: ["title"], actualVersion: 4 });
  });

  test("replaces everything if it does not say which version was seen", async () => {
    given(...added, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new EditPost({ aggregateId: post, title: "Hello", content: "World" }));
    thenEvents(PostTitleChanged.of(post, { title: "Hello" }));
  });

  test("treats changes of an earlier command of the same call as changes of others", async () => {
    given(...added);
    await when(
      new EditPost({ ...seen, title: "Hello again", content: "World" }),
      new EditPost({ ...seen, title: "Hi", content: "World" }),
    );
    thenFails(EditConflict, { fields: ["title"], actualVersion: 5 });
  });
});

describe("PublishPost", () => {
  test("publishes a post on a day, and names its author", async () => {
    given(...added);
    await when(new PublishPost({ aggregateId: post, publicationDate }));
    thenEvents(PostPublished.of(post, { publicationDate, authorAggregateId: author }));
  });

  test("publishes a post only once", async () => {
    given(...added, PostPublished.of(post, { publicationDate, authorAggregateId: author }));
    await when(new PublishPost({ aggregateId: post, publicationDate: "2026-02-01" }));
    thenFails(PostAlreadyPublished, { postId: post, publicationDate });
  });

  test("is refused if its sender saw an older version", async () => {
    given(...added, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new PublishPost({ aggregateId: post, publicationDate, seenVersion: 4 }));
    thenFails(VersionConflict, { aggregateId: post, seenVersion: 4, actualVersion: 5 });
  });
});

describe("what a person types", () => {
  test.each([
    [{}, { title: ["can't be blank"], content: ["can't be blank"] }],
    [
      { title: "t".repeat(121), content: " \n " },
      { title: ["is too long (at most 120 characters)"], content: ["can't be blank"] },
    ],
    [{ title: "Hello", content: "é".repeat(32 * 1024 + 1) }, { content: ["is too long (at most 64 KB)"] }],
    [
      { title: "a\u0000b", content: "a\uD800b" },
      { title: [unstorable()], content: [unstorable()] },
    ],
  ])("is refused field by field: %#", async (params, errors) => {
    await expect(EditPost.fromParams(params, { aggregateId: post })).rejects.toMatchObject({ errors });
  });
});

function unstorable() {
  return "contains characters that cannot be stored";
}
