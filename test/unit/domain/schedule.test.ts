import { beforeEach, describe, expect, test } from "vitest";
import { CommandNotValid } from "#sequent";
import { newId } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { modules } from "../../../src/blog.ts";
import { AuthorAdded } from "../../../src/domain/author/events.ts";
import { CancelSchedule, EditPost, PublishPost, SchedulePost } from "../../../src/domain/post/commands.ts";
import {
  AddressNotConfirmed,
  PostAlreadyPublished,
  TooLateToCancel,
} from "../../../src/domain/post/errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostScheduleCancelled,
  PostScheduled,
  PostTitleChanged,
} from "../../../src/domain/post/events.ts";
import { publishingFilter } from "../../../src/domain/post/publishing-filter.ts";

const { given, when, thenEvents, thenFails, at } = domainSpec({ beforeEach, modules });

const [ben, post] = [newId(), newId()];
const publicationDate = "2026-11-20";
const draft = [
  AuthorAdded.of(ben),
  PostAdded.of(post),
  PostAuthorChanged.of(post, { authorAggregateId: ben }),
  PostTitleChanged.of(post, { title: "Hello" }),
  PostContentChanged.of(post, { content: "World" }),
];
const nine = { dueAt: new Date("2026-11-20T08:00:00Z"), timeZone: "Europe/Berlin" };
const ten = { dueAt: new Date("2026-11-20T09:00:00Z"), timeZone: "Europe/Berlin" };
const scheduled = [...draft, PostScheduled.of(post, nine)]; // at version 5
const published = PostPublished.of(post, { publicationDate, authorAggregateId: ben });

const schedule = (dueAt = "2026-11-20T09:00", timeZone = "Europe/Berlin") =>
  new SchedulePost({ aggregateId: post, userId: ben, dueAt, timeZone });
const cancel = () => new CancelSchedule({ aggregateId: post, userId: ben });
const publish = (scheduledVersion?: number) =>
  new PublishPost({ aggregateId: post, userId: ben, publicationDate, scheduledVersion });

beforeEach(() => at("2026-11-19T12:00:00Z"));

describe("SchedulePost", () => {
  test("schedules a draft for the time that clocks in this zone will show", async () => {
    given(...draft);
    await when(schedule());
    thenEvents(PostScheduled.of(post, nine));
  });

  test("moves a post that is scheduled already, and stores nothing if it stays", async () => {
    given(...scheduled);
    await when(schedule("2026-11-20T10:00"));
    thenEvents(PostScheduled.of(post, ten));
    await when(schedule("2026-11-20T10:00"));
    thenEvents();
  });

  test("after it was cancelled, schedules it for the same time again", async () => {
    given(...scheduled, PostScheduleCancelled.of(post));
    await when(schedule());
    thenEvents(PostScheduled.of(post, nine));
  });

  test.each(["2026-11-20T08:59", "2026-11-20T09:00"])(
    "is refused for a time that has passed: %s",
    async (due) => {
      at("2026-11-20T08:00:00Z");
      given(...draft);
      await when(schedule(due));
      thenFails(CommandNotValid, { errors: { dueAt: ["must be in the future"] } });
    },
  );

  test("is refused for a published post", async () => {
    given(...scheduled, published);
    await when(schedule("2026-11-20T10:00"));
    thenFails(PostAlreadyPublished, { postId: post });
  });
});

describe("a scheduled post", () => {
  test("can be edited, and stays scheduled", async () => {
    given(...scheduled);
    await when(new EditPost({ aggregateId: post, userId: ben, title: "Hello again", content: "World" }));
    thenEvents(PostTitleChanged.of(post, { title: "Hello again" }));
    await when(publish(5));
    thenEvents(published);
  });

  test("can be published by its author before it is due, which ends the schedule", async () => {
    given(...scheduled);
    await when(publish());
    thenEvents(published);
    await when(publish(5));
    thenEvents();
  });

  test("is published by its schedule once", async () => {
    given(...scheduled);
    await when(publish(5));
    thenEvents(published);
    await when(publish(5));
    thenEvents();
  });

  test.each([
    ["was cancelled", [PostScheduleCancelled.of(post)]],
    ["was moved", [PostScheduled.of(post, ten)]],
    ["was cancelled, and scheduled again", [PostScheduleCancelled.of(post), PostScheduled.of(post, nine)]],
  ])("is not published by a schedule that %s", async (_, events) => {
    given(...scheduled, ...events);
    await when(publish(5));
    thenEvents();
  });
});

describe("CancelSchedule", () => {
  test("makes it a draft again", async () => {
    given(...scheduled);
    await when(cancel());
    thenEvents(PostScheduleCancelled.of(post));
  });

  test("stores nothing if it is not scheduled", async () => {
    given(...draft);
    await when(cancel());
    thenEvents();
  });

  test("says so if the post was published before", async () => {
    given(...scheduled, published);
    await when(cancel());
    thenFails(TooLateToCancel, { status: 409 });
  });
});

test("where addresses must be confirmed, nobody schedules before", async () => {
  const command = schedule();
  const filter = publishingFilter({ isAddressConfirmed: async () => false });
  await expect(filter(command)).rejects.toThrow(AddressNotConfirmed);
  await filter(cancel());
});
