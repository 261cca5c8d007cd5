import { beforeEach, describe, expect, test } from "vitest";
import { on, Projector } from "#sequent";
import { type ProjectorClass, Replay, runPart, verifyViews } from "#sequent/operations";
import { eventTypes, projectors } from "../../../src/blog.ts";
import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../../../src/domain/post/commands.ts";
import { PostPublished, PostTitleChanged } from "../../../src/domain/post/events.ts";
import { AuthorProjector } from "../../../src/projections/author-projector.ts";
import { authorRecords } from "../../../src/projections/author-record.ts";
import { PostProjector } from "../../../src/projections/post-projector.ts";
import { postRecords } from "../../../src/projections/post-record.ts";
import { useBlog } from "../../support/database.ts";
import { until } from "../../support/until.ts";
import { storedViews } from "../../support/views.ts";

const context = useBlog();
const all: readonly ProjectorClass[] = projectors;

const newReplay = (options: Partial<ConstructorParameters<typeof Replay>[0]> = {}) =>
  new Replay({ knex: context.database.patient, projectors: all, eventTypes, ...options });

const verify = (some: readonly ProjectorClass[] = all) =>
  verifyViews({ knex: context.database.patient, projectors: some, eventTypes, batch: 7 });

beforeEach(async () => {
  await newReplay().abort();
  await context.database.write.raw("delete from sequent_schema.archived_views");
  for (const table of await tablesIn("archive_schema"))
    await context.database.write.raw(`drop table archive_schema.${table}`);
});

async function givenPosts(count = 12): Promise<void> {
  const { commandService } = context.blog;
  const author = new AddAuthor({ name: "Ben", email: `ben${Math.random()}@example.com` });
  await commandService.executeCommands(author);
  for (let number = 1; number <= count; number += 1) {
    const { aggregateId } = author;
    const post = new AddPost({
      authorAggregateId: aggregateId,
      title: `Post ${number}`,
      content: "A\\N\tb\n",
    });
    await commandService.executeCommands(post);
    if (number % 2) await publish(post.aggregateId);
    if (number % 3) await edit(post.aggregateId, "New");
  }
}

const publish = (aggregateId: string) =>
  context.blog.commandService.executeCommands(
    new PublishPost({ aggregateId, publicationDate: "2026-01-31" }),
  );
const edit = (aggregateId: string, title: string) =>
  context.blog.commandService.executeCommands(new EditPost({ aggregateId, title, content: "B" }));

/** A transaction of another test leaves what is stored after its beginning to the catching up, which writes rows together. */
const settled = () =>
  until(async () => {
    const { rows } = await context.database.read.raw(
      "select from sequent_schema.events where xact_id >= pg_snapshot_xmin(pg_current_snapshot()) limit 1",
    );
    return rows.length === 0;
  });

async function views() {
  const rows = await storedViews(context.database);
  return Object.fromEntries(
    Object.entries(rows).map(([name, each]) => [name, each.map((row) => JSON.stringify(row)).sort()]),
  );
}

async function tablesIn(schema: string): Promise<string[]> {
  const { rows } = await context.database.write.raw(
    "select tablename from pg_tables where schemaname = ? order by 1",
    [schema],
  );
  return rows.map(({ tablename }: { tablename: string }) => tablename);
}

/** The same projector to those who ask for its name, in another shape. */
describe("a replay", () => {
  test.each([1, 3, 1_000])("leaves the rows that the events say, in batches of %i events", async (batch) => {
    await givenPosts();
    const before = await views();
    await context.database.write.raw("update view_schema.post_records set title = 'spoilt'");
    const replay = newReplay({ batch });
    await replay.replay(await replay.plan(all));
    expect(await views()).toEqual(before);
    expect(await replay.state()).toBeUndefined();
    expect(await tablesIn("replay_schema")).toEqual([]);
  });

  test("is done in several ranges of aggregates, which leave no gap between them and none at the ends", async () => {
    await givenPosts();
    const before = await views();
    const ranges: (string | null)[][] = [];
    const replay = newReplay({
      eventsOfRange: 15,
      runPart: (run, onEvents) => {
        ranges.push([run.part.fromAggregateId, run.part.toAggregateId]);
        return runPart(context.database.patient, run, { projectors: all, eventTypes }, onEvents);
      },
    });
    await replay.replay(await replay.plan(all));
    expect(ranges.length).toBeGreaterThan(2);
    expect(ranges.map(([from]) => from)).toEqual([null, ...ranges.slice(0, -1).map(([, to]) => to)]);
    expect(ranges.at(-1)?.[1]).toBeNull();
    expect(await views()).toEqual(before);
  });

  test("has in its rows what is stored while it runs, once, and what comes afterwards", async () => {
    await givenPosts();
    const replay = newReplay({
      batch: 5,
      onProgress: async () => {},
      runPart: async (run, onEvents) => {
        await runPart(context.database.patient, run, { projectors: all, eventTypes }, onEvents);
        await givenPosts(3);
      },
    });
    await replay.replay(await replay.plan(all));
    await givenPosts(2);
    expect(await verify()).toBeUndefined();
  });

  test("makes the same tables, keys and indexes as there were", async () => {
    const shape = async () =>
      (
        await context.database.write.raw(
          "select tablename, indexname, indexdef from pg_indexes where schemaname = 'view_schema' order by 1, 2",
        )
      ).rows;
    const before = await shape();
    const replay = newReplay();
    await replay.replay(await replay.plan(all));
    expect(await shape()).toEqual(before);
  });

  test("is one at a time: another is refused, and nothing happens to the first", async () => {
    await givenPosts(2);
    let second: unknown;
    const replay = newReplay({
      runPart: async (run, onEvents) => {
        second ??= await newReplay()
          .goOn()
          .catch((error) => error);
        await runPart(context.database.patient, run, { projectors: all, eventTypes }, onEvents);
      },
    });
    const plan = await replay.plan(all);
    await replay.replay(plan);
    expect(second).toMatchObject({ message: expect.stringContaining("A replay is under way") });
    await newReplay().prepare(plan);
    await expect(newReplay().replay(plan)).rejects.toThrow("A replay is under way");
    await newReplay().abort();
    expect(await verify()).toBeUndefined();
  }, 30_000);

  test("that another one has taken over writes nothing any more", async () => {
    await givenPosts(4);
    const replay = newReplay({
      batch: 1,
      runPart: async (run, onEvents) => {
        await context.database.write.raw("update sequent_schema.replays set owner = gen_random_uuid()");
        await runPart(context.database.patient, run, { projectors: all, eventTypes }, onEvents);
      },
    });
    await expect(replay.replay(await replay.plan(all))).rejects.toThrow("taken over by another process");
    const { rows } = await context.database.write.raw(
      "select count(*)::integer from replay_schema.author_records",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  test("goes on where it was left, step by step and out of order refused", async () => {
    await givenPosts();
    const before = await views();
    await newReplay().prepare(await newReplay().plan(all));
    await expect(newReplay().goOn("switch")).rejects.toThrow("What comes next is: npm run replay -- run");
    let left = 1;
    const stopping = newReplay({
      batch: 4,
      runPart: (run, onEvents) =>
        runPart(context.database.patient, run, { projectors: all, eventTypes }, (events) => {
          onEvents(events);
          left -= 1;
          if (left === 0) throw new Error("pulled the plug");
        }),
    });
    await expect(stopping.goOn("run")).rejects.toThrow("pulled the plug");
    expect(await views()).toEqual(before);
    for (const step of ["run", "catch-up", "catch-up", "optimize", "catch-up", "switch"] as const)
      await newReplay({ batch: 4 }).goOn(step);
    expect(await views()).toEqual(before);
    expect(await verify()).toBeUndefined();
  });

  test("that is aborted leaves nothing behind, and the live views as they were", async () => {
    await givenPosts(2);
    const before = await views();
    const replay = newReplay();
    await replay.prepare(await replay.plan(all));
    await replay.goOn("run");
    expect(await tablesIn("replay_schema")).toHaveLength(3);
    expect(await replay.abort()).toBe(true);
    expect(await tablesIn("replay_schema")).toEqual([]);
    expect(await views()).toEqual(before);
  });
});

describe("a replay that fails leaves the live views as they were, and says at which event", () => {
  const failing: [string, () => ProjectorClass][] = [
    [
      "the projector throws",
      () =>
        class extends PostProjector {
          override readonly handlers = [
            on(PostTitleChanged, ({ title }) => {
              if (title === "Bad") throw new Error("no such luck");
            }),
          ];
        },
    ],
    [
      "the database refuses a row",
      () =>
        class extends PostProjector {
          override readonly handlers = [
            on(PostTitleChanged, ({ aggregateId, title, createdAt }) =>
              this.createOrUpdate(postRecords, {
                ...{ aggregate_id: aggregateId, title, content: "", version: title === "Bad" ? 2 ** 40 : 1 },
                ...{ created_at: createdAt, updated_at: createdAt },
              }),
            ),
          ];
        },
    ],
    [
      "two rows have one key",
      () =>
        class extends PostProjector {
          override readonly handlers = [
            on(PostTitleChanged, ({ aggregateId, title, createdAt }) => {
              const times = { created_at: createdAt, updated_at: createdAt };
              if (title.startsWith("Post"))
                this.create(postRecords, {
                  aggregate_id: aggregateId,
                  title,
                  content: "",
                  version: 1,
                  ...times,
                });
              if (title === "Bad")
                this.create(postRecords, {
                  aggregate_id: aggregateId,
                  title,
                  content: "",
                  version: 1,
                  ...times,
                });
            }),
          ];
        },
    ],
  ];

  test.each(failing)("%s", async (_, projector) => {
    await givenPosts(3);
    const { rows } = await context.database.read.raw(
      "select aggregate_id as id from view_schema.post_records where title = 'New' limit 1",
    );
    await edit(rows[0].id, "Bad");
    const before = await views();
    const bad = projector();
    await settled();
    const replay = newReplay({ projectors: [bad] });
    await expect(replay.replay(await replay.plan([bad]))).rejects.toThrow(
      new RegExp(`PostProjector failed on PostTitleChanged \\(${rows[0].id}, number \\d+\\)`),
    );
    expect(await views()).toEqual(before);
    await givenPosts(1);
  });
});

describe("projectors of another version", () => {
  const shouting = () =>
    class extends PostProjector {
      static override readonly version: number = PostProjector.version + 1;
      override readonly handlers = [
        on(PostTitleChanged, ({ aggregateId, title, sequenceNumber, createdAt }) =>
          this.createOrUpdate(postRecords, {
            ...{ aggregate_id: aggregateId, title: title.toUpperCase(), content: "" },
            ...{ version: sequenceNumber, created_at: createdAt, updated_at: createdAt },
          }),
        ),
      ];
    };

  test("come with their rows, and a rollback brings the old ones back with what was stored since", async () => {
    await givenPosts(3);
    const later = shouting();
    const replay = newReplay({ projectors: [later] });
    await replay.replay(await replay.plan([later]));
    expect(await verify([later])).toBeUndefined();
    expect(await tablesIn("archive_schema")).toEqual(["post_records"]);
    await expect(newReplay({ projectors: [later] }).rollBack([])).rejects.toThrow(
      `is of PostProjector ${PostProjector.version}, and this program has ${later.version}`,
    );
    await givenPosts(2);
    await newReplay().rollBack([]);
    expect(await verify()).toBeUndefined();
    await expect(newReplay().rollBack(["AuthorProjector"])).rejects.toThrow("no view of AuthorProjector");
  });

  test("cannot go on with what another version began", async () => {
    const later = shouting();
    await newReplay().prepare(await newReplay().plan([PostProjector]));
    await expect(newReplay({ projectors: [later] }).goOn()).rejects.toThrow(
      `is of PostProjector ${PostProjector.version}, and this program has ${later.version}`,
    );
  });

  test("cannot take the table of another one", async () => {
    class Taking extends Projector("PostProjector", { version: 1, tables: [authorRecords] }) {
      readonly handlers = [];
    }
    await expect(newReplay().plan([Taking])).rejects.toThrow(
      '"author_records" is in the live view of AuthorProjector',
    );
  });
});

describe("a rollback is refused", () => {
  test("where the archive was dropped, or has not all events", async () => {
    await givenPosts(2);
    const replay = newReplay();
    await replay.replay(await replay.plan([AuthorProjector]));
    await context.database.write.raw("update sequent_schema.archived_views set whole = false");
    await expect(newReplay().rollBack([])).rejects.toThrow("lacks events");
    await context.database.write.raw("drop table archive_schema.author_records");
    await expect(newReplay().rollBack([])).rejects.toThrow("was dropped");
    await context.database.write.raw("delete from sequent_schema.archived_views");
    await expect(newReplay().rollBack([])).rejects.toThrow("The archive is empty");
  });
});

describe("a verification", () => {
  test("finds nothing where every row is what the events say", async () => {
    await givenPosts();
    expect(await verify()).toBeUndefined();
  });

  test.each([
    [
      "was changed",
      "update view_schema.author_records set name = 'Eve'",
      { live: { name: "Eve" }, isMissing: false },
    ],
    ["is missing", "delete from view_schema.author_records", { live: undefined, isMissing: true }],
    [
      "should not be",
      "insert into view_schema.post_revision_records values (gen_random_uuid(), 1, 'added', null, now())",
      { built: undefined, after: undefined },
    ],
  ])("names the first row that %s", async (_, sql, difference) => {
    await givenPosts(1);
    await context.database.write.raw(sql);
    expect(await verify()).toMatchObject(difference);
  });

  test("names the event that a row lacks", async () => {
    await givenPosts(1);
    const { rows } = await context.database.write.raw(
      "update view_schema.author_records set published_posts = 0 returning aggregate_id",
    );
    const difference = await verify();
    expect(difference).toMatchObject({ table: "author_records", key: rows[0], isMissing: true });
    expect(difference?.after).toBeInstanceOf(PostPublished);
  });
});
