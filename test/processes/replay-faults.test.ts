import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Blog, createBlog, eventTypes, projectors } from "../../src/blog.ts";
import { connect, type Database, type DatabaseSettings } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, EditPost, PublishPost } from "../../src/domain/post/commands.ts";
import { newId, type Phase, Replay, verifyViews } from "../../src/framework/index.ts";
import { settingsOfWorker } from "../support/database.ts";
import { rounds, until } from "../support/embedded.ts";
import { run } from "../support/process.ts";

let settings: DatabaseSettings;
let database: Database;
let blog: Blog;

beforeAll(async () => {
  settings = await settingsOfWorker("replay");
  database = await connect(settings);
  await migrate(database.patient, { projectors, eventTypes });
  blog = createBlog(database);
});

afterAll(() => database.close());

const newReplay = () => new Replay({ knex: database.patient, projectors, eventTypes, batch: 50 });
const env = () =>
  settings.databaseUrl ? { DATABASE_URL: settings.databaseUrl } : { DATA_DIR: settings.dataDirectory };

async function writePosts(goesOn: () => boolean, authorAggregateId: string): Promise<void> {
  const { commandService } = blog;
  while (goesOn()) {
    const post = new AddPost({ authorAggregateId, title: "One", content: "Text" });
    const { aggregateId } = post;
    await commandService.executeCommands(post);
    await commandService.executeCommands(new PublishPost({ aggregateId, publicationDate: "2026-11-20" }));
    await commandService.executeCommands(new EditPost({ aggregateId, title: "Two", content: "Text" }));
    await sleep(10);
  }
}

async function counts() {
  const { rows } = await database.read.raw(
    `select (select count(*)::integer from sequent_schema.commands where command_type = 'PublishPost') as commands,
            (select sum(published_posts)::integer from view_schema.author_records) as published`,
  );
  return rows[0];
}

const steps: readonly Phase[] = ["run", "catch-up", "optimize", "switch"];

describe("a replay that is killed while people write is gone on with, and every event is in its rows once", () => {
  test.each(steps)("in %s", { timeout: 60_000 + rounds * 30_000 }, async (phase) => {
    const author = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
    await blog.commandService.executeCommands(author);
    let writing = true;
    const writer = writePosts(() => writing, author.aggregateId);
    for (let round = 0; round < Math.max(rounds, 1); round += 1) {
      await newReplay().abort();
      await newReplay().prepare(await newReplay().plan(projectors));
      for (const step of steps.slice(0, steps.indexOf(phase))) await newReplay().goOn(step);

      const killed = await run("src/bin/replay.ts", { ...env(), NODE_ENV: "test" });
      await until(async () => (await newReplay().state())?.owner !== null, 30_000);
      await sleep(Math.random() * 60);
      killed.child.kill("SIGKILL");
      await killed.ended;

      if (await newReplay().state()) await newReplay().goOn();
      expect(await newReplay().state()).toBeUndefined();
      expect(await verifyViews({ knex: database.patient, projectors, eventTypes })).toBeUndefined();
    }
    writing = false;
    await writer;
    const { commands, published } = await counts();
    expect(published).toBe(commands);
  });
});

test("a second replay at once is told so, and --abort ends the first", { timeout: 60_000 }, async () => {
  const replay = newReplay();
  await replay.prepare(await replay.plan(projectors));
  await database.write.raw("update sequent_schema.replays set owner = gen_random_uuid()");
  const heart = setInterval(
    () => database.write.raw("update sequent_schema.replays set heartbeat = heartbeat + 1").catch(() => {}),
    200,
  );
  const second = await run("src/bin/replay.ts", env());
  expect(await second.ended).toBe(1);
  clearInterval(heart);
  expect(second.output()).toMatch(/under way in another process[\s\S]*--status/);
  expect(second.output()).not.toMatch(/^ {4}at /m);
  const abort = await run("src/bin/replay.ts", env(), ["--import", "tsx"], ["--abort"]);
  expect(await abort.ended).toBe(0);
  expect(await replay.state()).toBeUndefined();
});

test("the program replays, verifies and rolls back", { timeout: 150_000 }, async () => {
  const replay = async (...args: string[]) => {
    const started = await run("src/bin/replay.ts", env(), ["--import", "tsx"], args);
    return `${await started.ended}: ${started.output()}`;
  };
  expect(await replay("--help")).toMatch(/^0: Builds views anew/);
  expect(await replay()).toMatch(/^0: Nothing is due/);
  expect(await replay("NoProjector")).toMatch(/^1: There is no "NoProjector"/);
  expect(await replay("PostProjector", "--dry-run")).toMatch(
    /PostProjector \(version 1 to 1\): post_records/,
  );
  expect(await replay("PostProjector", "--batch", "10")).toMatch(
    /^0: [\s\S]*The new views of PostProjector are live/,
  );
  expect(await replay("--status")).toBe("0: No replay is under way.\n");
  expect(await replay("--rollback")).toMatch(/^0: [\s\S]*are live again/);
  expect(await replay("--verify")).toMatch(/^0: [\s\S]*every row is what the events say/);
  await database.write.raw("update view_schema.author_records set name = 'Eve'");
  expect(await replay("--verify")).toMatch(/^1: [\s\S]*name: "Eve", but should be "Ben"/);
  await replay("AuthorProjector");
  expect(await replay("--verify")).toMatch(/^0: /);
});
