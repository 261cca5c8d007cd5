import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { on } from "#sequent";
import {
  buildViews,
  forgetView,
  type ProjectorClass,
  ProjectorFailed,
  ViewNotLive,
} from "#sequent/operations";
import { eventTypes, projectors } from "../../../src/blog.ts";
import { viewNotices } from "../../../src/database/view-notices.ts";
import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { AuthorNameSet } from "../../../src/domain/author/events.ts";
import { AddPost, EditPost } from "../../../src/domain/post/commands.ts";
import { AuthorProjector } from "../../../src/projections/author-projector.ts";
import { PostProjector } from "../../../src/projections/post-projector.ts";
import { Build, projectorsOf, TitleProjector } from "../../support/builds.ts";
import { useBlog } from "../../support/database.ts";
import { foldedViews, storedEvents, storedViews } from "../../support/views.ts";

const context = useBlog();
const builds: Build[] = [];
const now = PostProjector.version;
const later = now + 1;

/** A build that looks for what others put aside when it is asked to, or every so often. */
const build = (ofBuild: readonly ProjectorClass[], everyMs = 1_000_000) => {
  const made = new Build(context.database, ofBuild, everyMs);
  builds.push(made);
  return made;
};

const goLive = async (ofBuild: readonly ProjectorClass[]) => {
  const views = { projectors: ofBuild, eventTypes };
  await context.database.patient.transaction((transaction) => buildViews(transaction, views));
};

/** As it was: built anew from the blog's own projectors. */
afterEach(async () => {
  for (const made of builds.splice(0)) await made.stop();
  await context.database.write.raw("delete from sequent_schema.projector_states");
  await goLive(projectors);
});

describe("a build that is older than a view", () => {
  test("writes no rows into it, and what happens is shown by a newer build that runs beside it", async () => {
    const [old, next] = [build(projectors), build(projectorsOf(later), 20)];
    const author = addAuthor();
    await old.commandService.executeCommands(author);
    await goLive(next.projectors);

    const add = addPost(author);
    await old.commandService.executeCommands(add);

    expect(await deferred()).toEqual([]); // it waited for that, so that the page after the redirect shows the change
    const { post_records } = await storedViews(context.database, next.projectors);
    expect(post_records).toMatchObject([
      { aggregate_id: add.aggregateId, [`made_by_${later}`]: "edited", title: "Title" },
    ]);
  });

  test("does not wait for long where no newer build runs, and not again", async () => {
    const old = build(projectors);
    await goLive(projectorsOf(later));
    const author = addAuthor();
    const asked = impatience();
    await old.commandService.executeCommands(author);
    expect(asked()).toBe(3);
    await old.commandService.executeCommands(addPost(author));
    expect(asked()).toBe(3);
    expect(await deferred()).toHaveLength(3 + 4);
  });

  test("does not wait at all where it has no projectors, for it shows no pages", async () => {
    const asked = impatience();
    await build([]).commandService.executeCommands(addAuthor());
    expect(asked()).toBe(0);
    expect(await deferred()).toHaveLength(3 * projectors.length);
  });

  test("is told so, and serves on", async () => {
    await goLive(projectorsOf(later));
    expect(await viewNotices(context.database.read, projectors)).toEqual([
      `This build is older than the view of PostProjector (${now} < ${later}): it leaves events to a newer build that runs beside it`,
    ]);
  });
});

describe("a build that is newer than a view", () => {
  test("leaves it to the older build, and is told what is due", async () => {
    const [old, next] = [build(projectors, 20), build([...projectorsOf(later), TitleProjector])];
    const author = addAuthor();
    await next.commandService.executeCommands(author, addPost(author));

    expect(await deferred()).toEqual([]);
    expect(old.errors).toEqual([]);
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
    expect(await viewNotices(context.database.read, next.projectors)).toEqual([
      `The view of PostProjector is older than this build (${now} < ${later}): it is not ready until this has run: npm run replay -- PostProjector`,
      "TitleProjector has no view yet: it is not ready until this has run: npm run replay -- TitleProjector",
    ]);
  });
});

describe("a projector that no build has any more", () => {
  test("is told of, and its view can be forgotten, after which nothing is put aside for it", async () => {
    await goLive([...projectors, TitleProjector]);
    const { write, patient } = context.database;
    expect(await viewNotices(write, projectors)).toEqual([
      "This build has no TitleProjector: it leaves events to one that has. When none has it any more: npm run migrate -- --forget TitleProjector",
    ]);
    impatience();
    await build(projectors).commandService.executeCommands(addAuthor());
    expect(await deferred()).toHaveLength(3);

    expect(await patient.transaction((transaction) => forgetView(transaction, "TitleProjector"))).toBe(true);
    expect(await viewNotices(write, projectors)).toEqual([]);
    await build(projectors).commandService.executeCommands(addAuthor());
    expect(await deferred()).toEqual([]);
    const { rows } = await write.raw("select to_regclass('view_schema.title_records') as title_records");
    expect(rows).toEqual([{ title_records: null }]);
  });
});

describe("what was put aside", () => {
  test("is projected before what happens later to the same aggregate", async () => {
    const [old, next] = [build(projectors), build(projectorsOf(later))];
    const author = addAuthor();
    const add = addPost(author);
    await goLive(next.projectors);
    impatience();
    await old.commandService.executeCommands(author, add);
    const edit = new EditPost({ aggregateId: add.aggregateId, title: "Edited", content: "…" });
    await next.commandService.executeCommands(edit);

    expect(await deferred()).toEqual([]);
    const events = await storedEvents(context.database);
    expect(await storedViews(context.database, next.projectors)).toEqual(
      await foldedViews(events, next.projectors),
    );
  });

  test("is projected before what names the aggregate", async () => {
    const old = build([]);
    const author = addAuthor();
    await old.commandService.executeCommands(author);
    expect(await deferred()).toHaveLength(3 * 3);
    await context.blog.commandService.executeCommands(addPost(author));
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
  });

  test("is forgotten once the view that has it in it goes live", async () => {
    await build([]).commandService.executeCommands(addAuthor());
    await goLive(projectorsOf(later));
    expect((await deferred()).map(({ projector }) => projector)).not.toContain("PostProjector");
  });

  test("stays where its projector fails, and keeps no other behind", async () => {
    class Failing extends AuthorProjector {
      override readonly handlers = [
        on(AuthorNameSet, () => {
          throw new Error("no such luck");
        }),
      ];
    }
    const [old, next] = [build([]), build([Failing, ...projectors.slice(1)])];
    const author = addAuthor();
    await old.commandService.executeCommands(author, addPost(author));
    await expect(next.eventStore.catchUp(next.projectors)).rejects.toBeInstanceOf(ProjectorFailed);
    expect(new Set((await deferred()).map(({ projector }) => projector))).toEqual(
      new Set(["AuthorProjector"]),
    );
  });
});

test("a page of a view that is not there yet is not available, and says why", async () => {
  await context.database.write.raw("alter table view_schema.post_records rename to post_records_of_later");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = version + 1 where projector = 'PostProjector'",
  );
  const answer = context.blog.queries.ask({ type: "PublishedPosts", limit: 10 });
  await expect(answer).rejects.toThrow(ViewNotLive);
  await expect(answer).rejects.toThrow(/not those of this build: .*post_records/);
  await context.database.write.raw("alter table view_schema.post_records_of_later rename to post_records");
  await context.database.write.raw(
    "update sequent_schema.projector_states set version = version - 1 where projector = 'PostProjector'",
  );
});

/**
 * Who waits until another build has projected something asks for it again and again: how often so far. With the third
 * question a second has passed.
 */
function impatience(): () => number {
  const queries = vi.spyOn(pg.Client.prototype, "query");
  const asked = () =>
    queries.mock.calls.filter(([query]) =>
      /^\s*select from sequent_schema\.deferred_events/.test(String((query as { text?: string }).text)),
    ).length;
  const clock = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => clock() + (asked() < 3 ? 0 : 1_001));
  return asked;
}

function addAuthor(): AddAuthor {
  return new AddAuthor({ name: "Ben", email: `${crypto.randomUUID()}@example.com` });
}

function addPost({ aggregateId }: AddAuthor): AddPost {
  return new AddPost({ authorAggregateId: aggregateId, title: "Title", content: "…" });
}

async function deferred(): Promise<{ projector: string }[]> {
  return context.database.write.raw("select * from sequent_schema.deferred_events").then(({ rows }) => rows);
}
