import { beforeEach, describe, expect, test } from "vitest";
import type { BaseCommand, BaseEvent } from "#sequent";
import { CommandService, domainOf, InMemoryEventStore, newId, storeFacts } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import { accounts } from "../../../src/accounts.ts";
import {
  AddAuthor,
  ChooseMails,
  ConfirmAuthorEmail,
  EraseAuthor,
  RenameAuthor,
} from "../../../src/domain/author/commands.ts";
import {
  AuthorAdded,
  AuthorEmailConfirmed,
  AuthorEmailSet,
  AuthorErased,
  AuthorMailsChosen,
  AuthorNameSet,
} from "../../../src/domain/author/events.ts";
import { author as authorModule } from "../../../src/domain/author/index.ts";
import {
  AddPost,
  CancelSchedule,
  EditPost,
  PublishPost,
  SchedulePost,
} from "../../../src/domain/post/commands.ts";
import { AddressNotConfirmed } from "../../../src/domain/post/errors.ts";
import {
  PostAdded,
  PostAuthorChanged,
  PostContentChanged,
  PostPublished,
  PostScheduleCancelled,
  PostScheduled,
  PostTitleChanged,
} from "../../../src/domain/post/events.ts";
import { post as postModule } from "../../../src/domain/post/index.ts";
import { publishingFilter } from "../../../src/domain/post/publishing-filter.ts";
import { NotTheAuthor } from "../../../src/domain/shared/errors.ts";

const modules = [authorModule, postModule];
const { commandClasses } = domainOf(modules);
const { forAnybody = [] } = accounts ?? {};

const [ben, eve, post] = [newId(), newId(), newId()];
const publicationDate = "2026-11-20";

const history = [
  AuthorAdded.of(ben),
  AuthorNameSet.of(ben, { name: "Ben" }),
  AuthorEmailSet.of(ben, { email: "ben@example.com" }),
  AuthorAdded.of(eve),
  PostAdded.of(post),
  PostAuthorChanged.of(post, { authorAggregateId: ben }),
  PostTitleChanged.of(post, { title: "Hello" }),
  PostContentChanged.of(post, { content: "World" }),
  PostScheduled.of(post, { dueAt: new Date("2999-01-01T00:00:00Z"), timeZone: "UTC" }),
];

const text = { title: "Goodbye", content: "World" };

/** Each command that changes what is Ben's, and the event by which one sees that it was accepted. */
const commands: Readonly<Record<string, (userId?: string) => BaseCommand>> = {
  RenameAuthor: (userId) => new RenameAuthor({ userId, aggregateId: ben, name: "Benjamin" }),
  ConfirmAuthorEmail: (userId) =>
    new ConfirmAuthorEmail({ userId, aggregateId: ben, email: "b@example.com" }),
  ChooseMails: (userId) => new ChooseMails({ userId, aggregateId: ben, mails: "off" }),
  EraseAuthor: (userId) => new EraseAuthor({ userId, aggregateId: ben, by: "the author" }),
  AddPost: (userId) => new AddPost({ userId, authorAggregateId: ben, ...text }),
  EditPost: (userId) => new EditPost({ userId, aggregateId: post, ...text }),
  PublishPost: (userId) => new PublishPost({ userId, aggregateId: post, publicationDate }),
  SchedulePost: (userId) =>
    new SchedulePost({ userId, aggregateId: post, dueAt: "2998-01-01T09:00", timeZone: "UTC" }),
  CancelSchedule: (userId) => new CancelSchedule({ userId, aggregateId: post }),
};

const events = {
  RenameAuthor: [AuthorNameSet],
  ConfirmAuthorEmail: [AuthorEmailSet, AuthorEmailConfirmed],
  ChooseMails: [AuthorMailsChosen],
  EraseAuthor: [AuthorErased],
  AddPost: [PostAdded, PostAuthorChanged, PostTitleChanged, PostContentChanged],
  EditPost: [PostTitleChanged],
  PublishPost: [PostPublished],
  SchedulePost: [PostScheduled],
  CancelSchedule: [PostScheduleCancelled],
};

describe.each(commandClasses.filter((each) => !forAnybody.includes(each)))("$type", ({ type }) => {
  const { given, when, thenEvents, thenFails } = domainSpec({ beforeEach, modules });
  const sentBy = (userId: string): BaseCommand => {
    const command = commands[type];
    if (!command) throw new Error(`Say in this test how a stranger would send ${type}.`);
    return command(userId);
  };

  test("is refused if a stranger sends it", async () => {
    given(...history);
    await when(sentBy(eve));
    thenFails(NotTheAuthor, { status: 403, authorId: ben, data: { authorId: ben } });
  });

  test("is refused if somebody without an account sends it, or somebody who looks like a program", async () => {
    given(...history);
    for (const userId of ["", newId(), "program:", "Program:x", ` program:x`, "ben"]) {
      await when(sentBy(userId));
      thenFails(NotTheAuthor);
    }
  });

  test.each([
    ["the author", ben],
    ["a program", "program:npm run seed"],
    ["a workflow", "workflow:WelcomeWorkflow"],
  ])("is accepted if it comes from %s", async (_, userId) => {
    given(...history);
    await when(sentBy(userId));
    thenEvents(...(events[type as keyof typeof events] ?? []));
  });
});

describe("without a user", () => {
  async function serviceAfter(given: readonly BaseEvent[]): Promise<CommandService> {
    const { eventTypes, commandHandlers } = domainOf(modules);
    const eventStore = new InMemoryEventStore(eventTypes);
    await storeFacts({ eventStore, modules }, given);
    return new CommandService({ eventStore, commandHandlers });
  }

  test.each(Object.entries(commands))("%s is refused by the domain itself", async (_, command) => {
    const service = await serviceAfter(history);
    await expect(service.executeCommands(command())).rejects.toThrow(NotTheAuthor);
  });

  test("anybody may add an author", async () => {
    const service = await serviceAfter([]);
    const added = await service.executeCommands(new AddAuthor({ name: "Ben", email: "ben@example.com" }));
    expect(added).toMatchObject([{ eventCount: 3 }]);
  });
});

describe("a stranger learns nothing", () => {
  const { given, when, thenFails } = domainSpec({ beforeEach, modules });

  test("from a conflict, which would show both texts", async () => {
    given(...history, PostTitleChanged.of(post, { title: "Hello again" }));
    await when(new EditPost({ userId: eve, aggregateId: post, seenVersion: 4, ...text }));
    thenFails(NotTheAuthor);
  });

  test("from the day of a publication", async () => {
    given(...history, PostPublished.of(post, { publicationDate, authorAggregateId: ben }));
    await when(new PublishPost({ userId: eve, aggregateId: post, publicationDate }));
    thenFails(NotTheAuthor);
  });
});

describe("if addresses must be confirmed", () => {
  const isAddressConfirmed = async (accountId: string) => accountId === ben;
  const filters = [publishingFilter({ isAddressConfirmed })];
  const { given, when, thenEvents, thenFails } = domainSpec({ beforeEach, modules, filters });
  const evesPost = { userId: eve, authorAggregateId: eve, ...text };

  test("somebody without a confirmed one writes drafts, and changes them", async () => {
    const draft = new AddPost(evesPost);
    given(...history);
    await when(draft, new EditPost({ userId: eve, aggregateId: draft.aggregateId, ...text, title: "Hi" }));
    thenEvents(PostAdded, PostAuthorChanged, PostTitleChanged, PostContentChanged, PostTitleChanged);
  });

  test("they publish nothing: no draft, and no post at once", async () => {
    const draft = new AddPost(evesPost);
    given(...history);
    await when(draft);
    await when(new PublishPost({ userId: eve, aggregateId: draft.aggregateId, publicationDate }));
    thenFails(AddressNotConfirmed, { status: 403 });
    await when(new AddPost({ ...evesPost, publicationDate }));
    thenFails(AddressNotConfirmed);
  });

  test.each([ben, "program:npm run seed", "workflow:WelcomeWorkflow"])("%s publishes", async (userId) => {
    given(...history);
    await when(new PublishPost({ userId, aggregateId: post, publicationDate }));
    thenEvents(PostPublished);
  });
});
