import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { finishErasureOn } from "../../src/server/finish-erasure.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { body, hiddenField, textOf, useWeb } from "../support/web.ts";

const log = createLog({ level: "silent" });
const { context, given, signedInAs, get, send, client, newEvents, mails } = useWeb({
  finishErasure: (id) => finishErasureOn(context.database, context.blog, log)(id),
});
const zelda = { name: "Zelda Quill", email: "zelda@example.com" };
let id = "";
let postId = "";

beforeEach(async () => {
  [id, postId] = [newId(), newId()];
  await given(
    author({ aggregateId: id, ...zelda }),
    draftBy(id, { aggregateId: postId }),
    publication(postId),
  );
  await signedInAs(id);
});

/** Everything that is stored, as text. */
async function everything(): Promise<string> {
  const { rows } = await context.database.read.raw(
    `select schemaname as schema, tablename as name from pg_tables
      where schemaname in ('sequent_schema', 'view_schema', 'web_schema')`,
  );
  const texts = [];
  for (const { schema, name } of rows)
    texts.push(JSON.stringify((await context.database.read.raw(`select * from ${schema}.${name}`)).rows));
  return texts.join("\n");
}

describe("an account", () => {
  test("is erased on a page that says what happens, with a typed confirmation", async () => {
    const { text } = await get("/account/erasure").expect(200);
    expect(textOf(text)).toContain("Nobody can undo this.");
    expect(textOf(text)).toContain("What you published stays (1 post), signed “[erased]”.");
    const form = { confirmation: "zelda  QUILL ", commandId: hiddenField(text, "commandId") };
    const browser = client();
    const sent = await browser.post("/account/erasure").type("form").send(body(form)).expect(303);
    expect(sent.headers["location"]).toBe("/");
    expect(await newEvents()).toEqual(["AuthorErased"]);
    const home = textOf((await browser.get("/").expect(200)).text);
    expect(home).toContain("Your account is erased.");
    expect(home).toContain("Sign in");
    expect(home).not.toContain("Signed in as");
    expect(mails.map(({ to }) => to)).toEqual([zelda.email]);
  });

  test("leaves nothing personal in any table, and its address can sign up again", async () => {
    await send("/account/name", { name: "Zelda Q. Quill" }).expect(303);
    await send("/account/email", { email: "quill@example.com" }).expect(303);
    await send("/account/erasure", { confirmation: zelda.email }).expect(303);
    expect(await everything()).not.toMatch(/zelda|quill/i);
    for (const path of [
      "/",
      "/authors",
      `/authors/${id}`,
      `/posts/${postId}`,
      `/posts/${postId}/history`,
      "/feed.xml",
    ])
      expect((await get(path).expect(200)).text, path).not.toMatch(/zelda|quill/i);
    expect((await get(`/posts/${postId}`)).text).toContain("It is green.");
    await signedInAs(undefined);
    await send("/authors", zelda).expect(303);
  });

  test.each(["", "zelda", "Somebody Else", "erase"])(
    "stays where something else was typed (%j): 422",
    async (confirmation) => {
      const { text } = await send("/account/erasure", { confirmation }).expect(422);
      expect(text).toContain('aria-invalid="true"');
      expect(await newEvents()).toEqual([]);
      expect(mails).toEqual([]);
    },
  );

  test("needs a sign-in of the last 15 minutes to be erased", async () => {
    await context.database.write.raw(
      "update web_schema.sessions set created_at = created_at - interval '16 minutes'",
    );
    for (const answer of [
      await get("/account/erasure"),
      await send("/account/erasure", { confirmation: zelda.email }),
    ]) {
      expect(answer.status).toBe(303);
      expect(answer.headers["location"]).toMatch(/^\/sign-in\?/);
    }
    expect(await newEvents()).toEqual([]);
  });

  test("that is erased is signed out in the other browser at its next click, and its links sign nobody in", async () => {
    const other = client();
    await other.get("/account").expect(200);
    await other
      .post("/sign-in")
      .type("form")
      .send(body({ email: zelda.email }))
      .expect(303);
    const link = /https?:\/\/[^/\s]+(\/sign-in\/\S+)/.exec(mails.at(-1)?.text ?? "")?.[1] ?? "";
    expect(link).toMatch(/^\/sign-in\/[\w-]{22}/);
    await signedInAs(id);
    await send("/account/erasure", { confirmation: zelda.name }).expect(303);

    const post = body({ title: "On ferns", content: "Still here." });
    const answer = await other
      .post(`/authors/${id}/posts`)
      .type("form")
      .set("Accept", "text/html")
      .send(post);
    expect(answer.status).toBe(303);
    expect(answer.headers["location"]).toMatch(/^\/sign-in/);
    await other.get("/account").set("Accept", "application/json").expect(401);
    expect(textOf((await other.get("/")).text)).not.toContain("Signed in as");
    const used = await client().post(link).set("Accept", "application/json");
    expect(used.status).toBeGreaterThanOrEqual(400);
    expect(await newEvents()).toEqual(["AuthorErased"]);
  });

  test("sent twice is erased once", async () => {
    const form = body({ confirmation: zelda.name, commandId: newId() });
    const browsers = [client(), client(), client()];
    const answers = await Promise.all(
      browsers.map((browser) =>
        browser.post("/account/erasure").type("form").set("Accept", "text/html").send(form),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await newEvents()).toEqual(["AuthorErased"]);
  });
});

test("where the web process may not rewrite the past, the account is closed, and it is said that the rest follows", async () => {
  const browser = client({ finishErasure: async () => false });
  await browser
    .post("/account/erasure")
    .type("form")
    .send(body({ confirmation: zelda.name }))
    .expect(303);
  const home = textOf((await browser.get("/").expect(200)).text);
  expect(home).toContain("Your account is closed, and no page shows your name any more.");
  for (const path of ["/authors", `/authors/${id}`, `/posts/${postId}`])
    expect((await get(path).expect(200)).text, path).not.toMatch(/zelda|quill/i);
  expect(await everything()).toMatch(/zelda/i);

  expect(await finishErasureOn(context.database, context.blog, log)(id)).toBe(true);
  expect(await everything()).not.toMatch(/zelda|quill/i);
});
