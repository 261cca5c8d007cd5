import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId, PersonalErasure } from "#sequent/operations";
import { ErasureRun } from "../../src/bin/erasure-run.ts";
import { commandClasses, eventTypes } from "../../src/blog.ts";
import { AddAuthor, EraseAuthor } from "../../src/domain/author/commands.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { countStored } from "../support/database.ts";
import { draftBy, publication } from "../support/people.ts";
import { textOf, useWeb } from "../support/web.ts";

const logged: string[] = [];
const log = createLog({ level: "trace", write: (line) => logged.push(line) });
const { context, given, signedInAs, get, send } = useWeb({ log });
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
  erasure().erase(
    new EraseAuthor({ aggregateId: author, userId: "program:test", by: "ann", reason: "asked for it" }),
  );

describe("an author who is erased", () => {
  test("is not signed in any more, so nobody can write for them", async () => {
    await signedInAs(author);
    await erase();
    const before = await countStored(context.database);
    const typed = { title: "On fern", content: "It is old." };
    const { headers } = await send(`/authors/${author}/posts`, typed).expect(303);
    expect(headers["location"]).toMatch(/^\/sign-in\?return_to=%2Fkept-form/);
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
    await signedInAs(author);
    expect((await get(`/authors/${author}`)).text).toContain(form);
    await erase();
    const { text } = await get(`/authors/${author}`);
    expect(text).not.toContain(form);
    expect(text).not.toContain('href="#new-post"');
  });

  test("leaves posts that can be edited, and an address that can be registered again", async () => {
    await erase();
    await given(new EditPost({ aggregateId: postId, title: "Still here", content: "It is green." }));
    const again = await send("/authors", zelda).expect(303);
    expect((await get(String(again.headers["location"]))).text).toContain("Zelda");
  });
});

test("npm run erase signs the author out everywhere, and finds no link with the address", async () => {
  await signedInAs(author);
  await send("/sign-in", { email: zelda.email }).expect(303);
  const stored = async () => {
    const { rows } = await context.database.read.raw(
      "select (select count(*)::integer from web_schema.sessions) as sessions, (select count(*)::integer from web_schema.sign_in_links) as links",
    );
    return rows[0];
  };
  expect(await stored()).toEqual({ sessions: 1, links: 1 });
  const printed = vi.spyOn(console, "log").mockImplementation(() => {});
  await new ErasureRun(context.database).erase([{ kind: "author", id: author }], { by: "ann" });
  expect(printed.mock.calls.join("\n")).toContain("Erased author");
  expect(process.exitCode).toBeUndefined();
  expect(await stored()).toEqual({ sessions: 0, links: 0 });
});

test("no line of the log has names or addresses", async () => {
  await send("/authors", zelda).expect(422);
  await send("/authors", { ...zelda, email: "zelda" }).expect(422);
  const added = await send("/authors", { ...zelda, email: "zelda@quill.example" }).expect(303);
  await get(String(added.headers["location"]));
  await erase();
  await get("/authors/zelda").expect(404);
  expect(logged.length).toBeGreaterThan(4);
  expect(logged.filter((line) => !line.includes('"/authors/zelda"')).join("")).not.toMatch(/zelda|quill/i);
});
