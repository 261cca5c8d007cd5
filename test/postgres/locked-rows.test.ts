import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { newId, StoreUnavailable } from "#sequent/operations";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, PublishPost } from "../../src/domain/post/commands.ts";
import { countStored, useBlog } from "../support/database.ts";

const context = useBlog({ databasePool: 10 });

const publish = (aggregateId: string) =>
  context.blog.commandService.executeCommands(
    new PublishPost({ aggregateId, publicationDate: "2026-01-31" }),
  );

test("a row that stays locked is no lost race: who waits for it is told that the store is busy", async () => {
  const post = await givenPost();
  const before = await countStored(context.database);
  const lock = await lockRowOf(post);

  const statements = vi.spyOn(pg.Client.prototype, "query");
  await expect(publish(post)).rejects.toBeInstanceOf(StoreUnavailable);
  const tries = statements.mock.calls.filter((query) => JSON.stringify(query).includes("store_unit("));
  expect(tries).toHaveLength(1);
  expect(await countStored(context.database)).toEqual(before);
  await lock.commit();
  await publish(post);
});

test("one locked row does not hold up 50 units that were gathered with the one that waits for it", async () => {
  let beside = await publishFifty();
  for (let round = 2; !beside.gathered && round <= 20; round += 1) beside = await publishFifty();
  expect(beside.gathered).toBe(true);
  expect(beside.slowest).toBeLessThan(2_000); // after 2,500 ms the lock would be given up

  for (const { lock_timeout } of await settingsOfConnections()) expect(lock_timeout).toBe("2500ms");
});

/**
 * How long the slowest of 50 units takes that come at the same time as one that waits for a lock, and whether that one was
 * sent together with others, or happened to be sent alone.
 */
async function publishFifty(): Promise<{ slowest: number; gathered: boolean }> {
  const [held = "", ...free] = await Promise.all(Array.from({ length: 51 }, givenPost));
  const lock = await lockRowOf(held);
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const started = performance.now();
  const first = free.slice(0, 4).map(publish);
  const waiting = publish(held);
  await Promise.all([...first, ...free.slice(4).map(publish)]);
  const slowest = performance.now() - started;
  const gathered = statements.mock.calls
    .map((query) => JSON.stringify(query))
    .some((query) => query.includes("set_config('lock_timeout'") && query.includes(held));
  statements.mockRestore();
  await lock.commit();
  await waiting;
  return { slowest, gathered };
}

async function lockRowOf(post: string) {
  const lock = await context.database.patient.transaction();
  onTestFinished(async () => {
    if (!lock.isCompleted()) await lock.rollback();
  });
  await lock.raw("select from view_schema.post_records where aggregate_id = ? for update", [post]);
  return lock;
}

/** What is set on each connection of the pool. */
async function settingsOfConnections(): Promise<{ lock_timeout: string }[]> {
  const { write } = context.database;
  const all = await Promise.all(Array.from({ length: 10 }, () => write.transaction())); // each has one of them
  const select = "select pg_backend_pid() as pid, current_setting('lock_timeout') as lock_timeout";
  const rows = await Promise.all(all.map(async (each) => (await each.raw(select)).rows[0]));
  await Promise.all(all.map((each) => each.rollback()));
  expect(new Set(rows.map(({ pid }) => pid)).size).toBe(10);
  return rows;
}

async function givenPost(): Promise<string> {
  const author = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  const post = new AddPost({ authorAggregateId: author.aggregateId, title: "Title", content: "…" });
  await context.blog.commandService.executeCommands(author);
  await context.blog.commandService.executeCommands(post);
  return post.aggregateId;
}
