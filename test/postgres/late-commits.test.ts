import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { expect, test, vi } from "vitest";
import { Author } from "../../src/domain/author/author.ts";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import { AddPost } from "../../src/domain/post/commands.ts";
import { storeError } from "../../src/framework/event-store/postgres/store-error.ts";
import { storeStatement } from "../../src/framework/event-store/postgres/store-statement.ts";
import { ConcurrentChange, newId } from "../../src/framework/index.ts";
import { useBlog } from "../support/database.ts";

const context = useBlog({ databasePool: 20 });

test("a reader of the log misses none that commits late, where one that goes by position does", async () => {
  let writing = true;
  const stored = new Set<string>();
  const write = async () => {
    for (let round = 0; round < 40; round += 1) {
      const id = await storeSlowly(context.database.write);
      if (id) stored.add(id);
    }
  };
  const writers = Promise.all(Array.from({ length: 16 }, write)).then(() => {
    writing = false;
  });
  const readers = [tail(() => writing), tailByPosition(() => writing)] as const;
  await writers;
  const [read, readByPosition] = await Promise.all(readers);

  expect(read).toHaveLength(new Set(read).size); // none twice
  expect([...stored].filter((id) => !read.includes(id))).toEqual([]); // none missed
  expect(read).toHaveLength(stored.size);
  expect(readByPosition.length).toBeLessThan(stored.size); // the control: this is what would happen
});

test("a transaction that began before the one whose events it goes on from is refused, and succeeds as a later one", async () => {
  const { commandService, eventStore } = context.blog;
  const { write } = context.database;
  const author = new AddAuthor({ name: "Ada", email: `${newId()}@example.com` });
  await commandService.executeCommands(author);
  const post = new AddPost({ authorAggregateId: author.aggregateId, title: "One", content: "Text" });

  const early = await write.transaction();
  await early.raw("select pg_current_xact_id()");
  await commandService.executeCommands(post);
  const insertNext = (knex: Knex) =>
    knex.raw(
      `insert into sequent_schema.events
         (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
       select aggregate_id, max(sequence_number) + 1, 'PostTitleChanged', 0, '{"title": "Two"}', ?, now()
         from sequent_schema.events where aggregate_id = ? group by aggregate_id`,
      [post.commandId, post.aggregateId],
    );
  const refusal = await insertNext(early).catch((error: unknown) => error);
  expect(storeError(refusal)).toBeInstanceOf(ConcurrentChange); // so the command service tries again
  await early.rollback();
  await write.transaction(insertNext);

  const log = await vi.waitFor(async () => {
    const entries = await eventStore.readLog(undefined, 10_000);
    const numbers = entries
      .filter(({ event }) => event.aggregateId === post.aggregateId)
      .map(({ event }) => event.sequenceNumber);
    expect(numbers).toContain(5);
    return numbers;
  });
  expect(log).toEqual([1, 2, 3, 4, 5]);
});

/** Stores an author in a transaction that stays open for a while, and sometimes ends in a rollback. */
async function storeSlowly(knex: Knex): Promise<string | undefined> {
  const command = new AddAuthor({ name: "Ben", email: `${newId()}@example.com` });
  const events = Author.add(command).takeUncommittedEvents();
  const reference = { aggregateId: command.aggregateId, aggregateType: "Author" };
  const { text, values } = storeStatement({
    commands: [{ command, cause: undefined, events }],
    newAggregates: [reference],
    keyChanges: [],
    required: [],
    rowChanges: [],
  });
  const transaction = await knex.transaction();
  await transaction.raw(text.replace(/\$\d/g, "?"), values as string[]);
  await sleep(Math.random() * 20);
  if (Math.random() < 0.1) {
    await transaction.rollback();
    return undefined;
  }
  await transaction.commit();
  return command.aggregateId;
}

/** The aggregates that the log tells of, read as a consumer would: from where it was, again and again. */
async function tail(writing: () => boolean): Promise<string[]> {
  const read: string[] = [];
  let position: string | undefined;
  for (;;) {
    const last = !writing();
    const entries = await context.blog.eventStore.readLog(position, 50);
    position = entries.at(-1)?.position ?? position;
    read.push(
      ...entries.filter(({ event }) => event.sequenceNumber === 1).map(({ event }) => event.aggregateId),
    );
    if (entries.length === 0) {
      if (last && (await isReadable())) return read;
      await sleep(2);
    }
  }
}

async function tailByPosition(writing: () => boolean): Promise<string[]> {
  const read: string[] = [];
  let position = "0";
  for (;;) {
    const last = !writing();
    const { rows } = await context.database.read.raw(
      "select aggregate_id, sequence_number, position from sequent_schema.events where position > ? order by position",
      [position],
    );
    position = rows.at(-1)?.position ?? position;
    for (const row of rows) if (row.sequence_number === 1) read.push(row.aggregate_id);
    if (rows.length === 0 && last) return read;
    await sleep(2);
  }
}

/** Other databases of the server can hold the readable end of the log back, for a moment. */
async function isReadable(): Promise<boolean> {
  const { rows } = await context.database.read.raw(
    "select coalesce(max(xact_id) < pg_snapshot_xmin(pg_current_snapshot()), true) as all_read from sequent_schema.events",
  );
  return rows[0].all_read;
}
