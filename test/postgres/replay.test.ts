import pg from "pg";
import { beforeEach, expect, test, vi } from "vitest";
import { newId, Replay, verifyViews } from "#sequent/operations";
import { eventTypes, projectors } from "../../src/blog.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost, PublishPost } from "../../src/domain/post/commands.ts";
import { countStored, useBlog } from "../support/database.ts";
import { until } from "../support/until.ts";

const { FAULT_ROUNDS = "3" } = process.env;
const context = useBlog();
const newReplay = () =>
  new Replay({ knex: context.database.patient, projectors, eventTypes, batch: 500, workers: 1 });

beforeEach(async () => {
  await newReplay().abort();
});

test("people give 50 commands a second all the while, and every event is in its rows once", {
  timeout: 60_000 + Number(FAULT_ROUNDS) * 30_000,
}, async () => {
  const { commandService, queries } = context.blog;
  const author = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(author);
  let published = 0;
  let slowest = 0;
  const execute = async (command: AddPost | PublishPost) => {
    const began = performance.now();
    await commandService.executeCommands(command);
    slowest = Math.max(slowest, performance.now() - began);
  };
  const write = async () => {
    const post = new AddPost({ authorAggregateId: author.aggregateId, title: "One", content: "Text" });
    const { aggregateId } = post;
    await execute(post);
    await execute(new PublishPost({ aggregateId, publicationDate: "2026-11-20" }));
    expect(await queries.ask({ type: "PostById", postId: aggregateId })).toMatchObject({ title: "One" });
    published += 1;
  };
  const writing: Promise<void>[] = [];
  const began = performance.now();
  const keepsRate = setInterval(() => {
    while (writing.length < (performance.now() - began) / 40) {
      const written = write();
      written.catch(() => {}); // heard below
      writing.push(written);
    }
  }, 10);
  try {
    for (let round = 0; round < Number(FAULT_ROUNDS); round += 1) {
      const replay = newReplay();
      await replay.replay(await replay.plan(projectors));
      expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
      const before = published;
      await until(() => published >= before + 10, 30_000); // so that each has something new to read
    }
  } finally {
    clearInterval(keepsRate);
  }
  const seconds = (performance.now() - began) / 1_000;
  await Promise.all(writing);
  const { rows } = await context.database.read.raw("select published_posts from view_schema.author_records");
  expect(rows).toEqual([{ published_posts: published }]);
  expect(published).toBe(writing.length);
  const { events } = await countStored(context.database);
  expect(events).toBe(3 + 5 * published);
  expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
  const rate = Math.round((2 * published) / seconds);
  console.log(`${2 * published} commands, ${rate}/s, the slowest took ${Math.round(slowest)} ms`);
});

test("who may use the old tables may use the new ones", async () => {
  const role = `replay_${newId().slice(-8)}`;
  const { write } = context.database;
  await write.raw(`create role ${role}; grant select, insert on view_schema.post_records to ${role}`);
  try {
    const replay = newReplay();
    await replay.replay(await replay.plan(projectors));
    const { rows } = await write.raw(
      `select has_table_privilege('${role}', 'view_schema.post_records', 'select, insert') as may,
              has_table_privilege('${role}', 'view_schema.post_records', 'delete') as may_delete`,
    );
    expect(rows).toEqual([{ may: true, may_delete: false }]);
  } finally {
    await write.raw(`drop owned by ${role}; drop role ${role}`);
  }
});

test("a long reader of a view does not hold up those who write: the switch waits in pieces", async () => {
  const { commandService } = context.blog;
  const author = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  await commandService.executeCommands(author);
  const reader = await context.database.read.transaction();
  await reader.raw("select count(*) from view_schema.post_records");
  const replay = newReplay();
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const tries = () =>
    statements.mock.calls.filter((query) => /access exclusive mode/.test(`${query}`)).length;
  const replaying = replay.plan(projectors).then((plan) => replay.replay(plan));
  for (let number = 0; number < 15 || tries() < 5; number += 1) {
    const post = new AddPost({ authorAggregateId: author.aggregateId, title: "One", content: "Text" });
    await commandService.executeCommands(post);
  }
  expect(await replay.state()).toMatchObject({ phase: "switch" });
  await reader.rollback();
  await replaying;
  expect(await verifyViews({ knex: context.database.patient, projectors, eventTypes })).toBeUndefined();
}, 30_000);
