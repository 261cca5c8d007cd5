import { expect, onTestFinished, test } from "vitest";
import { AggregateKeyNotUnique, type BaseCommand, EditConflict, VersionConflict } from "#sequent";
import { CommandAlreadyStored, newId } from "#sequent/operations";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../../src/domain/post/commands.ts";
import type { RowChange } from "../../src/framework/persistor/row-change.ts";
import { authorRecords } from "../../src/projections/author-record.ts";
import { useBlog } from "../support/database.ts";

const context = useBlog({ databasePool: 30 });

const execute = (...commands: BaseCommand[]) => context.blog.commandService.executeCommands(...commands);

test("of 1,000 sign-ups at once with one address in several spellings, one wins", async () => {
  const before = await deadlocks();
  const spellings = [
    "ben@example.com",
    "Ben@Example.com",
    " BEN@EXAMPLE.COM ",
    "bEn@exAmple.com",
    "ben@EXAMPLE.com",
  ];
  const signUps = Array.from({ length: 1_000 }, async (_, number) => {
    const params = { name: `Ben ${number}`, email: spellings[number % spellings.length] };
    return execute(await AddAuthor.fromParams(params));
  });

  const results = await Promise.allSettled(signUps);

  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(999);
  expect(refused.filter(({ reason }) => !(reason instanceof AggregateKeyNotUnique))).toEqual([]);
  expect((await context.blog.queries.ask({ type: "Authors", limit: 10 })).rows).toHaveLength(1);
  expect(await deadlocks()).toBe(before);
});

test("of two who edit from one version, exactly one wins, 500 times", async () => {
  const post = await givenPost();
  for (let round = 0; round < 500; round += 1) {
    const expectedVersion = 4 + round;
    const edit = (who: string) =>
      execute(new EditPost({ aggregateId: post, title: `${who} ${round}`, content: "…", expectedVersion }));

    const results = await Promise.allSettled([edit("Ann"), edit("Ben")]);

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toBeInstanceOf(VersionConflict);
  }
});

test("of many who edit from one version, each keeps what nobody else changed, 50 times", async () => {
  const aggregateId = await givenPost();
  let [version, before] = [4, { title: "Title", content: "…" }];
  for (let round = 0; round < 50; round += 1) {
    const after = { title: `Title ${round}`, content: `Text ${round}` };
    const seen = { aggregateId, seenVersion: version, ...before };
    const edits = [0, 1, 2, 3].flatMap(() => [
      new EditPost({ ...seen, title: after.title }),
      new EditPost({ ...seen, content: after.content }),
    ]);

    const results = await Promise.all(edits.map((edit) => execute(edit)));

    expect(await storedPost(aggregateId)).toMatchObject({ ...after, version: version + 2 });
    expect(results.flat().filter(({ eventCount }) => eventCount > 0)).toHaveLength(2);
    [version, before] = [version + 2, after];
  }
});

test("of ten who change one field, one wins and nine see both texts; the one sent again undoes nothing, 30 times", async () => {
  const aggregateId = await givenPost();
  for (let round = 0; round < 30; round += 1) {
    const seen = await storedPost(aggregateId);
    const edits = Array.from({ length: 10 }, (_, number) => {
      const title = `Title ${round} ${number}`;
      return new EditPost({ aggregateId, seenVersion: seen.version, title, content: seen.content });
    });

    const results = await Promise.allSettled(edits.map((edit) => execute(edit)));

    const { title, version } = await storedPost(aggregateId);
    expect(version).toBe(seen.version + 1);
    const winners = edits.filter((edit) => edit.title === title);
    expect(winners).toHaveLength(1);
    for (const [index, result] of results.entries()) {
      const mine = edits[index]?.title;
      if (mine === title) continue;
      const reason = result.status === "rejected" && result.reason;
      expect(reason).toBeInstanceOf(EditConflict);
      expect(reason).toMatchObject({ theirs: { title }, mine: { title: mine } });
    }
    await execute(new EditPost({ aggregateId, title: seen.title, content: seen.content })); // put back
    expect(await execute(...winners)).toMatchObject([{ eventCount: 1, version }]);
    expect(await storedPost(aggregateId)).toMatchObject({ title: seen.title, version: version + 1 });
  }
});

test("of four who edit without a version, all are stored one after the other", async () => {
  const post = await givenPost();
  const edits = Array.from({ length: 4 }, (_, number) =>
    execute(new EditPost({ aggregateId: post, title: `Title ${number}`, content: "…" })),
  );
  await Promise.all(edits);
  const [stream] = await context.blog.eventStore.load([post]);
  expect(stream?.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("who waits for a lock does not hold up others, though they ask for the same kind of thing", async () => {
  const [held, free] = [await givenPost(), await givenPost()];
  const publish = (aggregateId: string) =>
    execute(new PublishPost({ aggregateId, publicationDate: "2026-01-31" }));
  const lock = await context.database.write.transaction();
  await lock.raw("select from view_schema.post_records where aggregate_id = ? for update", [held]);
  const ended: string[] = [];
  const behind = publish(held).then(() => ended.push("held"));
  behind.catch(() => {}); // heard below
  await expect.poll(waiting, patience).toBe(1);

  await publish(free);
  ended.push("free");
  expect(await waiting()).toBe(1); // still
  await lock.commit();
  await behind;
  expect(ended).toEqual(["free", "held"]);
});

test("units over {a, b} and over {b, a} do not block each other", async () => {
  const [a, b] = [await givenPost(), await givenPost()];
  const before = await deadlocks();
  let stored = 0;
  const edit = (aggregateId: string) => new EditPost({ aggregateId, title: newId(), content: "…" });
  const editor = async (first: string, second: string) => {
    for (let round = 0; round < 50; round += 1) {
      await execute(edit(first), edit(second)).then(
        () => {
          stored += 1;
        },
        () => {}, // lost the race more often than it may be run again
      );
    }
  };

  await Promise.all([editor(a, b), editor(b, a), editor(a, b), editor(b, a)]);

  expect(stored).toBeGreaterThan(50);
  expect(await deadlocks()).toBe(before);
  const streams = await context.blog.eventStore.load([a, b]);
  expect(streams.map(({ events }) => events.length)).toEqual([4 + stored, 4 + stored]);
});

test("units that change the same rows of a view, each in its own order, do not block each other", async () => {
  const ids = Array.from({ length: 300 }, () => newId());
  const commit = (rowChanges: readonly RowChange[]) =>
    context.blog.eventStore
      .begin()
      .commit({ commands: [], newAggregates: [], keyChanges: [], required: [], rowChanges });
  const author = { name: "Ben", email: "", published_posts: 0, created_at: new Date() };
  await commit(
    ids.map((id) => ({ kind: "insert", table: authorRecords, values: { ...author, aggregate_id: id } })),
  );
  const before = await deadlocks();
  const changes = ids.map((aggregate_id, index): RowChange => {
    const changes = index % 2 ? { name: "Ann" } : { email: "ann@example.com" };
    return { kind: "update", table: authorRecords, where: { aggregate_id }, changes };
  });

  const units = Array.from({ length: 20 }, (_, number) =>
    commit(number % 2 ? changes : changes.toReversed()),
  );
  const failed = (await Promise.allSettled(units)).filter(({ status }) => status === "rejected");

  expect(failed).toEqual([]);
  expect(await deadlocks()).toBe(before);
});

test("units that repeat the same commands in another order do not block each other", async () => {
  const before = await deadlocks();
  for (let round = 0; round < 5; round += 1) {
    const commands = Array.from(
      { length: 300 },
      () => new PublishPost({ aggregateId: newId(), publicationDate: "2026-11-20" }),
    );
    const executed = commands.map((command) => ({ command, cause: undefined, events: [] }));
    const none = { newAggregates: [], keyChanges: [], required: [], rowChanges: [] };
    const units = [executed, executed.toReversed(), executed, executed.toReversed()].map((commands) =>
      context.blog.eventStore.begin().commit({ commands, ...none }),
    );
    const refused = (await Promise.allSettled(units)).filter((result) => result.status === "rejected");
    expect(refused.map(({ reason }) => reason.constructor)).toEqual(
      [1, 2, 3].map(() => CommandAlreadyStored),
    );
  }
  expect(await deadlocks()).toBe(before);
});

test("who replaces views waits for the units under way, and units wait for them", async () => {
  const post = await givenPost();
  const [row, views] = [
    await context.database.write.transaction(),
    await context.database.write.transaction(),
  ];
  await row.raw("select from view_schema.post_records where aggregate_id = ? for update", [post]);
  onTestFinished(async () => {
    for (const each of [row, views]) if (!each.isCompleted()) await each.rollback();
  });
  const ended: string[] = [];
  const note = <Result>(what: string, work: PromiseLike<Result>) =>
    Promise.resolve(work).then(() => ended.push(what));

  const edited = note("edited", execute(new EditPost({ aggregateId: post, title: "New", content: "…" })));
  await expect.poll(waiting, patience).toBe(1); // for the row
  const replacing = note("replacing", views.raw("select sequent_schema.lock_views()"));
  await expect.poll(waiting, patience).toBe(2); // for the unit
  expect(ended).toEqual([]);
  await row.commit();
  await Promise.all([edited, replacing]); // whose answers may overtake each other
  expect(ended.splice(0).sort()).toEqual(["edited", "replacing"]);
  const added = note("added", givenAuthor());
  await expect.poll(waiting, patience).toBe(1); // for the views
  ended.push("replaced");
  await views.commit();
  await added;

  expect(ended).toEqual(["replaced", "added"]);
});

async function storedPost(postId: string) {
  const post = await context.blog.queries.ask({ type: "PostById", postId });
  if (!post) throw new Error("There is no such post.");
  return post;
}

async function givenPost(): Promise<string> {
  const command = new AddPost({ authorAggregateId: await givenAuthor(), title: "Title", content: "…" });
  await execute(command);
  return command.aggregateId;
}

async function givenAuthor(): Promise<string> {
  const command = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  await execute(command);
  return command.aggregateId;
}

async function deadlocks(): Promise<number> {
  const { rows } = await context.database.write.raw(
    "select deadlocks::integer from pg_stat_database where datname = current_database()",
  );
  return rows[0].deadlocks;
}

const patience = { timeout: 10_000, interval: 5 };

/** How many wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await context.database.write.raw(
    "select count(*)::integer from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0].count;
}
