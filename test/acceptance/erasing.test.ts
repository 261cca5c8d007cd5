import { beforeEach, describe, expect, test } from "vitest";
import { AggregateClosed } from "#sequent";
import {
  newId,
  PersonalErasure,
  Replay,
  ReplayUnderWay,
  recordedErasures,
  vacuum,
} from "#sequent/operations";
import { commandClasses, erasures, eventTypes, projectors } from "../../src/blog.ts";
import { AddAuthor, EraseAuthor } from "../../src/domain/author/commands.ts";
import { AuthorErased } from "../../src/domain/author/events.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { createLog } from "../../src/web/log.ts";
import { countStored } from "../support/database.ts";
import { draftBy, publication } from "../support/people.ts";
import { foldedViews, storedEvents, storedViews } from "../support/views.ts";
import { textOf, useWeb } from "../support/web.ts";

const logged: string[] = [];
const log = createLog({ level: "trace", write: (line) => logged.push(line) });
const { context, given, get, post } = useWeb({ log });
const zelda = { name: 'Zelda "Zap" Quill', email: "Zelda.Quill@example.com" };
let author = "";
let postId = "";

beforeEach(async () => {
  author = newId();
  postId = newId();
  await given(new AddAuthor({ aggregateId: author, ...zelda }));
  await given(draftBy(author, { aggregateId: postId }), publication(postId));
});

const erasure = () =>
  new PersonalErasure({
    knex: context.database.patient,
    commandService: context.blog.commandService,
    eventTypes,
    commandClasses,
  });
const erase = () =>
  erasure().erase(new EraseAuthor({ aggregateId: author, by: "ann", reason: "asked for it" }));
const unfinished = () => erasure().unfinished(erasures.map(({ event }) => event));
const raw = (sql: string, ...values: string[]) => context.database.patient.raw(sql, values);

describe("an author who is erased", () => {
  test("is found in no table any more", async () => {
    const { search, ...amount } = await erase();
    expect(amount).toEqual({ events: 2, commands: 1 });
    expect(search).toMatchObject({ texts: 2, found: 0, places: [], unreadable: [] });
    const searched = search?.tables.map(({ name }) => name);
    expect(searched).toEqual(
      expect.arrayContaining(["sequent_schema.events", "sequent_schema.commands", "public.knex_migrations"]),
    );
  });

  test("is in none of the samples that the planner keeps either", async () => {
    const samples = async () => {
      const { rows } = await raw("select string_agg(stats::text, ' ') as all from pg_stats as stats");
      return String(rows[0].all);
    };
    await raw("analyze view_schema.author_records");
    await raw("analyze sequent_schema.events");
    await raw("analyze sequent_schema.commands");
    await raw("analyze sequent_schema.aggregate_unique_keys");
    await erase();
    await vacuum(context.database.patient);
    expect(await samples()).not.toMatch(/zelda|quill/i);
  });

  test("is not erased as long as there are commands of which nobody can say what in them is personal", async () => {
    const known = commandClasses.filter(({ type }) => type !== "AddAuthor");
    const { patient: knex } = context.database;
    const { commandService } = context.blog;
    const blind = new PersonalErasure({ knex, commandService, eventTypes, commandClasses: known });
    await expect(blind.erase(new EraseAuthor({ aggregateId: author, by: "ann" }))).rejects.toThrow(
      'No class is known for the stored command type "AddAuthor"',
    );
    expect(await unfinished()).toEqual([author]);
  });

  test("cannot be written for any more, and nothing of what was typed is lost", async () => {
    await erase();
    const before = await countStored(context.database);
    const { text } = await post(`/authors/${author}/posts`, {
      title: "On fern",
      content: "It is old.",
    }).expect(409);
    expect(textOf(text)).toContain("This can no longer be changed");
    expect(text).toContain("On fern");
    expect(text).toContain("It is old.");
    expect(await countStored(context.database)).toEqual(before);
  });

  test("is nameless on every page, also for who has read it before, and their posts stay", async () => {
    const paths = ["/", "/authors", `/authors/${author}`, `/posts/${postId}`, "/feed.xml"];
    const tags = new Map<string, string>();
    for (const path of paths) {
      const { text, headers } = await get(path).expect(200);
      expect(text, path).toMatch(/zelda/i);
      tags.set(path, headers["etag"] ?? "");
    }
    await erase();
    for (const path of paths) {
      const { text } = await get(path)
        .set("If-None-Match", tags.get(path) ?? "")
        .expect(200);
      expect(textOf(text), path).toContain("[erased]");
      expect(text, path).not.toMatch(/zelda|quill/i);
    }
    expect((await get(`/posts/${postId}/history`).expect(200)).text).not.toMatch(/zelda|quill/i);
    expect((await get(`/posts/${postId}`)).text).toContain("It is green.");
  });

  test("is not offered to write", async () => {
    const form = `action="/authors/${author}/posts"`;
    expect((await get(`/authors/${author}`)).text).toContain(form);
    await erase();
    const { text } = await get(`/authors/${author}`);
    expect(text).not.toContain(form);
    expect(text).not.toContain("#new-post");
  });

  test("leaves views that are what the events make of them", async () => {
    await erase();
    expect(await storedViews(context.database)).toEqual(
      await foldedViews(await storedEvents(context.database)),
    );
  });

  test("leaves posts that can be edited, and an address that can be registered again", async () => {
    await erase();
    await given(new EditPost({ aggregateId: postId, title: "Still here", content: "It is green." }));
    const again = await post("/authors", zelda).expect(303);
    expect((await get(String(again.headers["location"]))).text).toContain("Zelda");
  });

  test("is recorded with when, by whom and why", async () => {
    await erase();
    const [recorded] = await recordedErasures(context.database.patient, [AuthorErased]);
    expect(recorded).toMatchObject({ aggregateId: author, type: "AuthorErased", at: expect.any(Date) });
    expect(recorded?.attributes).toEqual({ by: "ann", reason: "asked for it" });
  });

  test("is erased again without harm", async () => {
    await erase();
    expect(await erase()).toEqual({ events: 0, commands: 0, search: undefined });
  });
});

test("an author who was closed by something else than an erasure is not erased without a record of it", async () => {
  const closed = new AggregateClosed({ aggregateType: "Author", aggregateId: author });
  const executeCommands = () => Promise.reject(closed);
  const { patient: knex } = context.database;
  const unrecorded = new PersonalErasure({
    knex,
    commandService: { executeCommands },
    eventTypes,
    commandClasses,
  });
  await expect(unrecorded.erase(new EraseAuthor({ aggregateId: author, by: "ann" }))).rejects.toBe(closed);
  expect((await get(`/authors/${author}`)).text).toContain("Zelda");
});

describe("an erasure that was stopped half-way", () => {
  test("is known, and finished by doing it again", async () => {
    await given(new EraseAuthor({ aggregateId: author, by: "ann" }));
    expect(await unfinished()).toEqual([author]);
    expect(await erase()).toMatchObject({ events: 2, commands: 1, search: { found: 0 } });
    expect(await unfinished()).toEqual([]);
  });

  test("in its search is done again with its search: nothing was taken out before that was done", async () => {
    await given(new EditPost({ aggregateId: postId, title: "On moss", content: `By ${zelda.name}` }));
    const stopping = erasure().erase(new EraseAuthor({ aggregateId: author, by: "ann" }), (done) => {
      if (done > 2) throw new Error("killed");
    });
    await expect(stopping).rejects.toThrow("killed");
    expect(await unfinished()).toEqual([author]);
    expect(await erase()).toMatchObject({ events: 2, commands: 1, search: { texts: 2, found: 4 } });
    expect(await unfinished()).toEqual([]);
  });
});

describe("what else stood in the database", () => {
  test("is told with its place, for a person to decide", async () => {
    await given(
      new EditPost({
        aggregateId: postId,
        title: "On moss",
        content: `Written by\nZELDA "Zap" Quill, herself.`,
      }),
    );
    const { search } = await erase();
    const places = search?.places.map(({ table, columns }) => `${table}: ${columns.join()}`);
    expect(places).toEqual([
      "sequent_schema.commands: payload",
      "sequent_schema.events: payload",
      "view_schema.post_records: content",
      "view_schema.post_revision_records: payload",
    ]);
    expect(search?.places.at(-2)?.row).toEqual({ aggregate_id: postId });
    expect(JSON.stringify(search)).not.toMatch(/zelda|quill/i);
  });

  test("is found in tables that are not ours and in every type of column, but not in longer words", async () => {
    await raw("create table kept (id integer primary key, list text[], bytes bytea, document json)");
    try {
      await raw("insert into kept values (1, ?::text[], null, null)", `{${zelda.email.toLowerCase()}}`);
      await raw("insert into kept values (2, null, convert_to(?, 'utf8'), null)", `By ${zelda.email}`);
      await raw("insert into kept values (3, null, null, ?)", JSON.stringify({ by: zelda.name }));
      await raw("insert into kept values (4, ?::text[], null, null)", `{x${zelda.email}}`);
      const { search } = await erase();
      expect(search?.places).toEqual([
        { table: "public.kept", columns: ["list"], row: { id: "1" } },
        { table: "public.kept", columns: ["bytes"], row: { id: "2" } },
        { table: "public.kept", columns: ["document"], row: { id: "3" } },
      ]);
    } finally {
      await raw("drop table kept");
    }
  });

  test("in snapshots is thrown away, also in one that was being taken meanwhile", async () => {
    const snapshot = () =>
      context.blog.eventStore.storeSnapshot({
        ...{ aggregateId: author, snapshotVersion: 1, sequenceNumber: 3 },
        state: { email: zelda.email, isErased: false },
      });
    await snapshot();
    expect((await erase()).search).toMatchObject({ found: 0 });
    await snapshot();
    expect(await unfinished()).toEqual([author]);
    await erase();
    expect(await unfinished()).toEqual([]);
  });

  test("in replaced views is thrown away with them", async () => {
    const replay = new Replay({ knex: context.database.patient, projectors, eventTypes });
    await replay.replay(await replay.plan(projectors));
    expect((await erase()).search).toMatchObject({ found: 0 });
    const { rows } = await raw("select to_regclass('archive_schema.author_records') as archived");
    expect(rows).toEqual([{ archived: null }]);
    await expect(replay.rollBack([])).rejects.toThrow("The archive is empty");
  });
});

test("while views are built anew, nobody is erased", async () => {
  const replay = new Replay({ knex: context.database.patient, projectors, eventTypes });
  await replay.prepare(await replay.plan(projectors));
  try {
    await expect(erase()).rejects.toThrow(ReplayUnderWay);
    expect(await unfinished()).toEqual([]);
    expect((await get(`/authors/${author}`)).text).toContain("Zelda");
  } finally {
    await replay.abort();
  }
});

describe("but for what is erased, facts", () => {
  const erasing = (change: string) =>
    context.database.patient.transaction(async (transaction) => {
      await transaction.raw("select set_config('sequent.erasing', ?, true)", [author]);
      await transaction.raw(change.replaceAll(":author", `'${author}'`));
    });

  test.each([
    `update sequent_schema.events set payload = '{"name": "Eve"}' where aggregate_id = :author`,
    `update sequent_schema.events set payload = '{}' where aggregate_id = :author`,
    `update sequent_schema.events set payload = payload || '{"more": "[erased]"}' where aggregate_id = :author`,
    `update sequent_schema.events set payload = '"[erased]"' where aggregate_id = :author`,
    `update sequent_schema.events set event_type = 'AuthorErased' where aggregate_id = :author`,
    `update sequent_schema.events set created_at = now() where aggregate_id = :author`,
    `update sequent_schema.events set payload = '{"title": "[erased]"}' where event_type = 'PostTitleChanged'`,
    `update sequent_schema.commands set user_id = 'eve' where aggregate_id = :author`,
    "update sequent_schema.aggregates set aggregate_type = 'Post'",
    "update sequent_schema.aggregates set aggregate_type = 'Post', is_closed = true",
    "update sequent_schema.aggregates set is_closed = false",
    "delete from sequent_schema.events",
    "truncate sequent_schema.commands",
  ])("stay as they are: %s", async (change) => {
    await expect(erasing(change)).rejects.toMatchObject({ code: "42501" });
  });

  test("stay as they are once the erasing is done, in the same transaction too", async () => {
    const change = "update sequent_schema.events set payload = payload where aggregate_id = ?";
    const erasing = context.database.patient.transaction(async (transaction) => {
      await transaction.raw("select sequent_schema.erase_personal(?, '[]', '[]')", [author]);
      await transaction.raw(change, [author]);
    });
    await expect(erasing).rejects.toMatchObject({ code: "42501" });
  });
});

test("no line of the log has names or addresses", async () => {
  await post("/authors", zelda).expect(422);
  await post("/authors", { ...zelda, email: "zelda" }).expect(422);
  const added = await post("/authors", { ...zelda, email: "zelda@quill.example" }).expect(303);
  await get(String(added.headers["location"]));
  await erase();
  await get("/authors/zelda").expect(404);
  expect(logged.length).toBeGreaterThan(4);
  expect(logged.filter((line) => !line.includes('"/authors/zelda"')).join("")).not.toMatch(/zelda|quill/i);
});
