import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { newId } from "#sequent/operations";
import { createBlog } from "../../../src/blog.ts";
import { connect, type Database } from "../../../src/database/database.ts";
import { EraseAuthor } from "../../../src/domain/author/commands.ts";
import { CancelSchedule, SchedulePost } from "../../../src/domain/post/commands.ts";
import { TooLateToCancel } from "../../../src/domain/post/errors.ts";
import { startDueCommands } from "../../../src/server/due-commands.ts";
import { createLog } from "../../../src/web/logging/log.ts";
import { settingsOfWorker, useBlog } from "../../support/database.ts";
import { author, draftBy } from "../../support/people.ts";
import { DatabaseProxy } from "../../support/proxy.ts";
import { rounds } from "../../support/rounds.ts";
import { until } from "../../support/until.ts";

const context = useBlog();
const log = createLog({ level: "silent" });
let ben = "";
beforeEach(async () => {
  ben = newId();
  await context.blog.commandService.executeCommands(author({ aggregateId: ben }));
});

/** A post that is due at this time. Its author has asked for it long ago. */
async function scheduled(dueAt: Date): Promise<string> {
  const draft = draftBy(ben);
  const { aggregateId, userId } = draft;
  const longAgo = createBlog({ ...context.database, clock: () => new Date("2020-01-01T00:00:00Z") });
  const local = dueAt.toISOString().slice(0, 19);
  await longAgo.commandService.executeCommands(
    draft,
    new SchedulePost({ aggregateId, userId, dueAt: local, timeZone: "UTC" }),
  );
  return aggregateId;
}

/** A server that publishes what is due, until the test has finished or it is stopped. */
function server(database: Pick<Database, "read" | "write"> = context.database, clock = () => new Date()) {
  const stop = startDueCommands(createBlog({ ...database, clock }), log);
  onTestFinished(stop);
  return stop;
}

const anHourAgo = () => new Date(Date.now() - 60 * 60 * 1_000);
const inAnHour = () => new Date(Date.now() + 60 * 60 * 1_000);

async function publications(): Promise<{ aggregate_id: string; payload: object; too_early: boolean }[]> {
  const { rows } = await context.database.read.raw(`
    select published.aggregate_id, published.payload,
           published.created_at < (scheduled.payload ->> 'dueAt')::timestamptz as too_early
      from sequent_schema.events as published
      join sequent_schema.events as scheduled using (aggregate_id)
     where published.event_type = 'PostPublished'
       and scheduled.event_type = 'PostScheduled'`);
  return rows;
}

async function sentCommands(): Promise<number> {
  const { rows } = await context.database.read.raw(
    "select count(*)::integer as count from sequent_schema.commands where command_type = 'PublishPost'",
  );
  return rows[0].count;
}

test("two servers publish each post once, when it is due and not before", async () => {
  const due = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
  const posts: string[] = [];
  for (let number = 0; number < 8; number += 1) posts.push(await scheduled(due));
  const other = await connect({ ...(await settingsOfWorker()), databasePool: 2 });
  const stops = [server(), server(other)];
  await until(async () => (await publications()).length >= posts.length);
  await Promise.all(stops.map((stop) => stop()));
  await other.close();
  const all = await publications();
  expect(all.map(({ aggregate_id }) => aggregate_id).sort()).toEqual([...posts].sort());
  expect(all.filter(({ too_early }) => too_early)).toEqual([]);
  expect(await sentCommands()).toBe(posts.length);
});

test("after an hour without a server, it is published at once, with the day that was chosen", async () => {
  const due = anHourAgo();
  const late = await scheduled(due);
  await server()();
  server(); // a restart
  await until(async () => (await publications()).length > 0);
  expect(await publications()).toMatchObject([
    { aggregate_id: late, payload: { publicationDate: due.toISOString().slice(0, 10) } },
  ]);
});

test.each(["1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])(
  "a server whose clock has jumped to %s publishes the same: the clock of the database decides",
  async (now) => {
    await scheduled(inAnHour());
    const due = await scheduled(anHourAgo());
    server(context.database, () => new Date(now));
    await until(async () => (await publications()).length > 0);
    const next = await scheduled(anHourAgo());
    await until(async () => (await publications()).length > 1);
    expect((await publications()).map(({ aggregate_id }) => aggregate_id).sort()).toEqual([due, next].sort());
  },
);

test("cancelled at the moment when it is due, it is either published or a draft, and its author learns which", async () => {
  const [one, other] = [createBlog(context.database), createBlog(context.database)];
  const outcomes = new Set<string>();
  for (let round = 0; round < Math.max(rounds, 20); round += 1) {
    const aggregateId = await scheduled(anHourAgo());
    const [due] = (await one.dueCommands[0]?.()) ?? [];
    const cancel = () =>
      other.commandService.executeCommands(new CancelSchedule({ aggregateId, userId: ben }));
    const first = round % 2 === 0 ? cancel() : undefined;
    const published = due && one.commandService.executeCommands(due.command);
    const [publishing, cancelling] = await Promise.allSettled([published, first ?? cancel()]);
    expect(publishing.status).toBe("fulfilled");
    if (cancelling.status === "rejected") expect(cancelling.reason).toBeInstanceOf(TooLateToCancel);
    const [stored] = await context.blog.eventStore.load([aggregateId]);
    const last = stored?.events.slice(5).map(({ class: { type } }) => type);
    expect(last).toEqual([cancelling.status === "rejected" ? "PostPublished" : "PostScheduleCancelled"]);
    outcomes.add(String(last));
    expect(await one.dueCommands[0]?.()).toEqual([]);
  }
  if (rounds > 0) expect(outcomes.size).toBe(2);
});

test("the post of an author who is erased stays a draft", async () => {
  const left = await scheduled(anHourAgo());
  await context.blog.commandService.executeCommands(
    new EraseAuthor({ aggregateId: ben, userId: ben, by: "the author" }),
  );
  expect(await context.blog.dueCommands[0]?.()).toEqual([]);
  ben = newId();
  await context.blog.commandService.executeCommands(author({ aggregateId: ben, email: "eva@example.com" }));
  await scheduled(anHourAgo());
  server();
  await until(async () => (await publications()).length > 0);
  expect((await publications()).map(({ aggregate_id }) => aggregate_id)).not.toContain(left);
});

describe("a database that is away", () => {
  test("is waited for, and then all that is due is published", async () => {
    const { databaseUrl, ...settings } = await settingsOfWorker();
    const proxy = await DatabaseProxy.to(databaseUrl);
    const database = await connect({ ...settings, databaseUrl: proxy.url(databaseUrl), databasePool: 2 });
    onTestFinished(() => database.close());
    onTestFinished(() => proxy.close());
    const stop = server(database);
    proxy.away();
    await scheduled(anHourAgo());
    expect(await publications()).toEqual([]);
    proxy.away(false);
    await until(async () => (await publications()).length > 0);
    await stop();
  });
});
