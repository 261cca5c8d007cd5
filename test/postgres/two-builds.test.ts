import { expect, onTestFinished, test } from "vitest";
import { dueProjectors, Replay, verifyViews } from "#sequent/operations";
import { createBlog, eventTypes, projectors } from "../../src/blog.ts";
import { connect } from "../../src/database/database.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { recreate, settingsOfWorker } from "../support/database.ts";
import { portOf, run } from "../support/process.ts";
import { Visitor } from "../support/visitor.ts";

test("an old and a new build serve together, before, while and after a view is replaced, and nobody notices", {
  timeout: 120_000,
}, async () => {
  const settings = await settingsOfWorker("builds");
  const database = await connect(settings);
  onTestFinished(() => database.close());
  await recreate(database);
  const ben = new AddAuthor({ name: "Ben", email: "ben@example.com" });
  await createBlog(database).commandService.executeCommands(ben);

  const start = async (...imports: readonly string[]) => {
    const env = { DATABASE_URL: settings.databaseUrl, RATE_LIMIT: "off", REPLAY_AT_START: "0" };
    const options = ["tsx", ...imports].flatMap((each) => ["--import", each]);
    const address = `http://localhost:${await portOf(await run("src/server.ts", env, options))}`;
    const visitors = [1, 2].map(() => new Visitor(ben.aggregateId, () => address));
    const isReady = async () => (await fetch(`${address}/readyz`)).ok;
    const writes = (posts: number) =>
      expect
        .poll(() => Math.min(...visitors.map((each) => each.posts.length)), patience)
        .toBeGreaterThan(posts);
    return { visitors, isReady, writes };
  };
  const old = await start();
  await old.writes(2);
  const next = await start("./test/fixtures/later-build.ts");
  await next.writes(2);
  expect([await old.isReady(), await next.isReady()]).toEqual([true, false]);

  await import("../fixtures/later-build.ts"); // from here on this process is of the new build, too
  const replay = new Replay({ knex: database.patient, projectors, eventTypes });
  const due = await dueProjectors(database.patient, projectors);
  expect(due.map(({ savedName, version }) => `${savedName} ${version}`)).toEqual(["PostProjector 2"]);
  await replay.replay(await replay.plan(due));
  await old.writes((old.visitors[0]?.posts.length ?? 0) + 2);
  await next.writes((next.visitors[0]?.posts.length ?? 0) + 2);
  expect([await old.isReady(), await next.isReady()]).toEqual([true, true]);

  const visitors = [...old.visitors, ...next.visitors];
  for (const visitor of visitors) await visitor.stop();
  const conflict = 409; // repeated, it is answered with success
  expect(visitors.flatMap(({ repeated }) => repeated).filter((status) => status !== conflict)).toEqual([]);
  await expect
    .poll(() => database.write.from("sequent_schema.deferred_events").select(), patience)
    .toEqual([]);
  expect(await verifyViews({ knex: database.patient, projectors, eventTypes })).toBeUndefined();
  const posts = visitors.reduce((sum, visitor) => sum + visitor.posts.length, 0);
  const { rows } = await database.read.raw("select published_posts from view_schema.author_records");
  expect(rows).toEqual([{ published_posts: posts }]);
  console.log(`${posts} posts, ${visitors.flatMap(({ repeated }) => repeated).length} conflicts`);
});

const patience = { timeout: 30_000, interval: 50 };
