import { expect, test, vi } from "vitest";
import { AggregateRoot } from "#sequent";
import { deleteAllSnapshots, deleteOutdatedSnapshots, takeDueSnapshots } from "#sequent/operations";
import { createBlog, eventTypes } from "../../../src/blog.ts";
import { AddAuthor } from "../../../src/domain/author/commands.ts";
import { AddPost, EditPost } from "../../../src/domain/post/commands.ts";
import { Post } from "../../../src/domain/post/post.ts";
import { useBlog } from "../../support/database.ts";

const context = useBlog();

/** A post that wants a snapshot so soon that a test can wait for it. */
class EagerPost extends AggregateRoot("Post") {
  static readonly snapshots = { every: 6, version: 7 };
  readonly handlers = [];
}

/** The events of each post, in number: 4, and one for each edit. */
async function posts(...edits: number[]): Promise<string[]> {
  const { commandService } = context.blog;
  const author = new AddAuthor({ name: "Ben", email: "ben@example.com" });
  await commandService.executeCommands(author);
  const ids = [];
  for (const times of edits) {
    const post = new AddPost({ authorAggregateId: author.aggregateId, title: "Title", content: "…" });
    await commandService.executeCommands(post);
    const { aggregateId } = post;
    for (let time = 0; time < times; time += 1)
      await commandService.executeCommands(new EditPost({ aggregateId, title: `${time}`, content: "…" }));
    ids.push(aggregateId);
  }
  return ids;
}

const take = (more: Partial<Parameters<typeof takeDueSnapshots>[1]> = {}) =>
  takeDueSnapshots(context.database.patient, { aggregates: [EagerPost], eventTypes, ...more });

async function snapshots(): Promise<Record<string, [version: number, number: number]>> {
  const { rows } = await context.database.write.raw("select * from sequent_schema.aggregate_snapshots");
  return Object.fromEntries(
    rows.map((row: Record<string, unknown>) => [
      row["aggregate_id"],
      [row["snapshot_version"], row["sequence_number"]],
    ]),
  );
}

test("snapshots are taken of all aggregates that are due, and of no others", async () => {
  const [, second = "", third = ""] = await posts(1, 2, 5);
  const progress: [number, number][] = [];
  const result = await take({ onProgress: (done, total) => progress.push([done, total]) });
  expect(result).toEqual({ taken: 2, errors: [] });
  expect(await snapshots()).toEqual({ [second]: [7, 6], [third]: [7, 9] });
  expect(progress.at(-1)).toEqual([2, 2]);
  const onProgress = vi.fn();
  expect(await take({ onProgress })).toEqual({ taken: 0, errors: [] });
  expect(onProgress).not.toHaveBeenCalled();
});

test("one of another version is not counted", async () => {
  const [id = ""] = await posts(2);
  const snapshot = { aggregateId: id, snapshotVersion: 6, sequenceNumber: 6, state: {} };
  await context.blog.eventStore.storeSnapshot(snapshot);
  expect(await take()).toMatchObject({ taken: 1 });
});

test("two who do it at once do not harm each other", async () => {
  await posts(3, 3, 3, 3, 3);
  const results = await Promise.all([take(), take()]);
  expect(results.flatMap(({ errors }) => errors)).toEqual([]);
  expect(Object.values(await snapshots())).toEqual(Array.from({ length: 5 }, () => [7, 7]));
});

test("one that fails does not keep the others from being taken", async () => {
  const [first = "", second = ""] = await posts(2, 2);
  await context.database.write.raw(
    `alter table sequent_schema.events disable trigger user;
     update sequent_schema.events set payload = '{}' where aggregate_id = '${first}' and sequence_number = 3;
     alter table sequent_schema.events enable trigger user`,
  );
  const { taken, errors } = await take();
  expect(taken).toBe(1);
  expect(errors).toMatchObject([{ name: "Error", event: { aggregateId: first, sequenceNumber: 3 } }]);
  expect(Object.keys(await snapshots())).toEqual([second]);
});

test("stopped, it leaves the rest for the next time", async () => {
  await posts(2, 2, 2, 2, 2);
  const stop = new AbortController();
  const stopped = await take({ signal: stop.signal, onProgress: () => stop.abort() });
  expect(stopped.taken).toBe(2);
  expect(await take()).toMatchObject({ taken: 3 });
});

test("versions that are older than those of the program are deleted, and none of a later one", async () => {
  const [id = ""] = await posts(0);
  const { eventStore } = context.blog;
  for (const snapshotVersion of [6, 7, 8])
    await eventStore.storeSnapshot({ aggregateId: id, snapshotVersion, sequenceNumber: 1, state: {} });
  expect(await deleteOutdatedSnapshots(context.database.patient, [EagerPost])).toBe(1);
  expect((await eventStore.load([id], { snapshotVersion: 6 }))[0]?.snapshot).toBeUndefined();
  expect((await eventStore.load([id], { snapshotVersion: 8 }))[0]?.snapshot).toBeDefined();
  expect(await deleteOutdatedSnapshots(context.database.patient, [])).toBe(2);
});

test("without them, everything is as it was", async () => {
  const [id = ""] = await posts(120);
  const { snapshots: taker, commandService } = createBlog(context.database);
  await taker.idle();
  await context.blog.snapshots.idle();
  expect(Object.keys(await snapshots())).toEqual([id]);
  expect(await deleteAllSnapshots(context.database.patient)).toBe(1);
  await commandService.executeCommands(new EditPost({ aggregateId: id, title: "Last", content: "…" }));
  await taker.idle();
  expect(await snapshots()).toEqual({ [id]: [Post.snapshots.version, 125] });
});
