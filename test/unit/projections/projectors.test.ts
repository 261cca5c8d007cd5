import { beforeEach, describe, test } from "vitest";
import { type JsonObject, newId } from "#sequent/operations";
import { projectorSpec } from "#sequent/testing";
import { projectors } from "../../../src/blog.ts";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
  AuthorEmailSet,
  AuthorErased,
  AuthorMailsChosen,
  AuthorNameSet,
} from "../../../src/domain/author/events.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostScheduleCancelled,
  PostScheduled,
  PostTitleChanged,
} from "../../../src/domain/post/events.ts";
import { authorRecords } from "../../../src/projections/author/record.ts";
import { authorRevisionRecords } from "../../../src/projections/author-revision/record.ts";
import { postRecords } from "../../../src/projections/post/record.ts";
import { postRevisionRecords } from "../../../src/projections/post-revision/record.ts";

const { given, thenRows } = projectorSpec({ beforeEach, projectors });

const author = newId();
const post = newId();
const at = new Date("2026-01-31T12:00:00.000Z");
const happenedAt = { createdAt: at, sequenceNumber: 0 };

const authorHistory = [
  new AuthorAdded({ aggregateId: author, ...happenedAt }),
  new AuthorNameSet({ aggregateId: author, name: "Ben", ...happenedAt }),
  new AuthorEmailSet({ aggregateId: author, email: "ben@example.com", ...happenedAt }),
];
const postHistory = [
  new PostAdded({ aggregateId: post, ...happenedAt }),
  new PostAuthorChanged({ aggregateId: post, authorAggregateId: author, ...happenedAt }),
  new PostTitleChanged({ aggregateId: post, title: "Hello", ...happenedAt }),
  new PostContentChanged({ aggregateId: post, content: "World", ...happenedAt }),
];
const published = new PostPublished({
  aggregateId: post,
  publicationDate: "2026-01-31",
  authorAggregateId: author,
  ...happenedAt,
});

describe("authors", () => {
  const row = {
    aggregate_id: author,
    name: "Ben",
    email: "ben@example.com",
    is_email_confirmed: false,
    published_posts: 0,
    created_at: at,
  };

  test("have a name and an address", async () => {
    given(...authorHistory);
    await thenRows(authorRecords, row);
  });

  test("confirm their address, and it stays confirmed", async () => {
    const email = "ben@example.com";
    given(...authorHistory, new AuthorEmailConfirmed({ aggregateId: author, email, ...happenedAt }));
    await thenRows(authorRecords, { ...row, is_email_confirmed: true });
  });

  test("choose whether they get mails", async () => {
    given(...authorHistory, new AuthorMailsChosen({ aggregateId: author, mails: "off", ...happenedAt }));
    await thenRows(authorRecords, { ...row, mails: "off" });
  });

  test("count published posts, not drafts", async () => {
    given(...authorHistory, ...postHistory);
    await thenRows(authorRecords, row);
    given(published);
    await thenRows(authorRecords, { ...row, published_posts: 1 });
  });
});

describe("an erased author", () => {
  test("has no name and no address any more", async () => {
    given(
      ...authorHistory,
      new AuthorEmailConfirmed({ aggregateId: author, email: "ben@example.com", ...happenedAt }),
      new AuthorErased({ aggregateId: author, by: "ann", ...happenedAt }),
    );
    await thenRows(authorRecords, {
      aggregate_id: author,
      name: "[erased]",
      email: "[erased]",
      is_email_confirmed: false,
      published_posts: 0,
      created_at: at,
      erased_at: at,
    });
  });
});

describe("posts", () => {
  const row = {
    aggregate_id: post,
    author_aggregate_id: author,
    title: "Hello",
    content: "World",
    version: 4,
    created_at: at,
    updated_at: at,
  };

  test("are drafts at first", async () => {
    given(...postHistory);
    await thenRows(postRecords, row);
  });

  test("show their last title and content, the day of their publication, and their version", async () => {
    given(
      ...postHistory,
      new PostTitleChanged({ aggregateId: post, title: "Hello again", ...happenedAt }),
      published,
    );
    const publication = { publication_date: "2026-01-31", published_at: at, published_version: 6 };
    await thenRows(postRecords, { ...row, title: "Hello again", version: 6, ...publication });
  });
});

describe("a scheduled post", () => {
  const due_at = new Date("2026-02-01T08:00:00Z");
  const time_zone = "Europe/Berlin";
  const scheduled = new PostScheduled({
    aggregateId: post,
    dueAt: due_at,
    timeZone: time_zone,
    ...happenedAt,
  });
  const row = {
    ...{ aggregate_id: post, author_aggregate_id: author, title: "Hello", content: "World" },
    ...{ created_at: at, updated_at: at },
  };

  test("has its time, and the version at which it was scheduled", async () => {
    given(...postHistory, scheduled);
    await thenRows(postRecords, { ...row, version: 5, due_at, time_zone, scheduled_version: 5 });
  });

  test("is due no more when it is cancelled or published, but its time zone is known", async () => {
    given(...postHistory, scheduled, new PostScheduleCancelled({ aggregateId: post, ...happenedAt }));
    await thenRows(postRecords, { ...row, version: 6, time_zone });
    given(scheduled, published);
    const publication = { publication_date: "2026-01-31", published_at: at, published_version: 8 };
    await thenRows(postRecords, { ...row, version: 8, time_zone, ...publication });
  });
});

describe("the history of an account", () => {
  const revision = (version: number, event_type: string, payload: JsonObject) => ({
    ...{ author_aggregate_id: author, version, event_type, payload, created_at: at },
  });

  test("is one row for each event of an author", async () => {
    const email = "ben@example.com";
    given(...authorHistory, new AuthorEmailConfirmed({ aggregateId: author, email, ...happenedAt }));
    await thenRows(
      authorRevisionRecords,
      revision(1, "AuthorAdded", {}),
      revision(2, "AuthorNameSet", { name: "Ben" }),
      revision(3, "AuthorEmailSet", { email }),
      revision(4, "AuthorEmailConfirmed", { email }),
    );
  });

  test("is gone when the author is erased, and that of others is not", async () => {
    const eve = newId();
    given(
      ...authorHistory,
      new AuthorAdded({ aggregateId: eve, ...happenedAt }),
      new AuthorErased({ aggregateId: author, by: "the author", ...happenedAt }),
    );
    await thenRows(authorRevisionRecords, { ...revision(1, "AuthorAdded", {}), author_aggregate_id: eve });
  });
});

describe("revisions", () => {
  test("are one row for each event of a post", async () => {
    given(...postHistory, published);
    const revision = (version: number, event_type: string, payload: JsonObject) => ({
      ...{ post_aggregate_id: post, version, event_type, payload, created_at: at },
    });
    await thenRows(
      postRevisionRecords,
      revision(1, "PostAdded", {}),
      revision(2, "PostAuthorChanged", { authorAggregateId: author }),
      revision(3, "PostTitleChanged", { title: "Hello" }),
      revision(4, "PostContentChanged", { content: "World" }),
      revision(5, "PostPublished", { publicationDate: "2026-01-31", authorAggregateId: author }),
    );
  });
});
