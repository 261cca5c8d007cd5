import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { author, draftBy, publication } from "../support/people.ts";
import { hiddenField, textOf, useWeb } from "../support/web.ts";

const { context, given, signedInAs, get, send, client, newEvents, lastEvent } = useWeb({
  clock: () => new Date("2026-11-20T09:00:00Z"),
});
const added = ["PostAdded", "PostAuthorChanged", "PostTitleChanged", "PostContentChanged"];
const text = { title: "On moss", content: "It is *green*." };
let ben = "";

beforeEach(async () => {
  ben = newId();
  await given(author({ aggregateId: ben }));
  await signedInAs(ben);
});

describe("writing a post", () => {
  test("leads to a draft: on its own page and its author's, but not on the home page", async () => {
    const form = await get(`/authors/${ben}`).expect(200);
    const sent = await send(`/authors/${ben}/posts`, {
      ...text,
      commandId: hiddenField(form.text, "commandId"),
    });
    expect(sent.status).toBe(303);
    expect(await newEvents()).toEqual(added);

    const page = await get(String(sent.headers["location"])).expect(200);
    expect(page.text).toContain("It is <em>green</em>.");
    expect(page.text).toContain("Draft");
    expect(page.text).toContain('content="noindex"');
    expect(textOf((await get(`/authors/${ben}`)).text)).toContain("On moss Draft");
    expect((await get("/")).text).not.toContain("On moss");
  });

  test("can publish it at once, with the day of today", async () => {
    const sent = await send(`/authors/${ben}/posts`, { ...text, intent: "publish" }).expect(303);
    expect(await newEvents()).toEqual([...added, "PostPublished"]);
    expect(await lastEvent()).toMatchObject({ publicationDate: "2026-11-20" });
    expect((await get("/")).text).toContain(`href="${sent.headers["location"]}"`);
  });

  test("is stored with the id of the request, as every form is", async () => {
    const draft = await send(`/authors/${ben}/posts`, text).expect(303);
    const path = String(draft.headers["location"]);
    const sent = [
      draft,
      await send(path, { ...text, title: "On fern" }).expect(303),
      await send(`${path}/publication`).expect(303),
      await send("/authors", { name: "Ann", email: "ann@example.com" }).expect(303),
    ];
    const { rows } = await context.database.read.raw(
      "select array_agg(metadata ->> 'requestId') as ids from sequent_schema.commands where metadata ->> 'requestId' is not null",
    );
    expect(rows[0].ids.sort()).toEqual(sent.map(({ headers }) => headers["x-request-id"]).sort());
  });

  test("takes no date from the form", async () => {
    await send(`/authors/${ben}/posts`, { ...text, publicationDate: "1999-01-01" }).expect(303);
    expect(await newEvents()).toEqual(added);
  });

  test.each(["save", "publish"])(
    "sent twice (%s), also at once, has one effect and the same answer",
    async (intent) => {
      const form = { ...text, intent, commandId: newId() };
      const sendForm = () => send(`/authors/${ben}/posts`, form);
      const answers = [...(await Promise.all([sendForm(), sendForm(), sendForm()])), await sendForm()];
      expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
      expect(new Set(answers.map(({ headers }) => headers["location"])).size).toBe(1);
      expect(await newEvents()).toEqual(intent === "publish" ? [...added, "PostPublished"] : added);
    },
  );

  test("sent again with another text: 409, the text is kept, and a new form to send it with", async () => {
    const commandId = newId();
    await send(`/authors/${ben}/posts`, { ...text, commandId }).expect(303);
    const answer = await send(`/authors/${ben}/posts`, {
      title: "On ferns",
      content: "Later.",
      commandId,
    }).expect(409);
    expect(answer.text).toContain('value="On ferns"');
    expect(hiddenField(answer.text, "commandId")).not.toBe(commandId);
    expect(await newEvents()).toEqual(added);
  });

  test.each([
    ["publish", "save", [...added, "PostPublished"]],
    ["save", "publish", added],
  ])(
    "sent again with another button (%s, then %s): 409, nothing more happens",
    async (first, then, events) => {
      const form = { ...text, commandId: newId() };
      await send(`/authors/${ben}/posts`, { ...form, intent: first }).expect(303);
      const answer = await send(`/authors/${ben}/posts`, { ...form, intent: then }).expect(409);
      expect(textOf(answer.text)).toContain("You sent this form before");
      expect(answer.text).toContain('value="On moss"');
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(await newEvents()).toEqual(events);
    },
  );

  test.each([
    ["no title", { title: " ", content: "x" }, "Title can't be blank"],
    ["no text", { title: "x" }, "Text can't be blank"],
    [
      "too long a title",
      { title: "é".repeat(121), content: "x" },
      "Title is too long (at most 120 characters)",
    ],
    ["too long a text", { title: "x", content: "é".repeat(32_769) }, "Text is too long (at most 64 KB)"],
    [
      "a title of two lines",
      { title: "a\r\nb", content: "x" },
      "Title contains characters that cannot be stored",
    ],
    [
      "an escape sequence",
      { title: "a\u001B[31m", content: "x" },
      "Title contains characters that cannot be stored",
    ],
    [
      "U+2028 in the title",
      { title: "a\u2028b", content: "x" },
      "Title contains characters that cannot be stored",
    ],
    [
      "traces of bad UTF-8",
      { title: "x", content: "a\uFFFDb" },
      "Text contains characters that cannot be stored",
    ],
    ["a field twice", { title: "x", content: ["a", "b"] }, "Text was sent more than once"],
  ])("is refused with %s, whichever button was pressed", async (_what, fields, message) => {
    for (const intent of ["save", "publish", "preview"]) {
      const answer = await send(`/authors/${ben}/posts`, { ...fields, intent }).expect(422);
      expect(textOf(answer.text)).toContain(message);
      expect(answer.text).toContain(`action="/authors/${ben}/posts"`);
    }
    expect(await newEvents()).toEqual([]);
  });

  test("marks of direction are part of a text, which is shown apart from ours", async () => {
    const sent = await send(`/authors/${ben}/posts`, { ...text, content: "שלום \u202Eabc" }).expect(303);
    expect((await get(String(sent.headers["location"]))).text).toMatch(/<div class="prose" dir="auto">/);
  });

  test("can be looked at before it is stored", async () => {
    const form = { ...text, intent: "preview", commandId: newId() };
    const answer = await send(`/authors/${ben}/posts`, form).expect(200);
    expect(answer.text).toContain("It is <em>green</em>.");
    expect(answer.text).toContain("It is *green*.</textarea>");
    expect(hiddenField(answer.text, "commandId")).toBe(form.commandId);
    expect(await newEvents()).toEqual([]);
  });

  test("in the name of somebody else, or of nobody: 403, and the text is still there to copy", async () => {
    const eva = newId();
    await given(author({ aggregateId: eva, email: "eva@example.com" }));
    for (const authorId of [eva, newId()]) {
      for (const fields of [text, { ...text, title: "" }, { ...text, intent: "preview" }]) {
        const answer = await send(`/authors/${authorId}/posts`, fields).expect(403);
        expect(answer.text).toContain("It is *green*.</textarea>");
        expect(answer.text).not.toContain("<em>green</em>");
      }
    }
    expect(await newEvents()).toEqual([]);
  });
});

describe("publishing a post", () => {
  const moss = newId();
  beforeEach(async () => {
    await given(draftBy(ben, { aggregateId: moss }));
  });

  test("puts it on the home page, with the day of today", async () => {
    const page = await get(`/posts/${moss}`);
    const sent = await send(`/posts/${moss}/publication`, { commandId: hiddenField(page.text, "commandId") });
    expect([sent.status, sent.headers["location"]]).toEqual([303, `/posts/${moss}`]);
    expect(await newEvents()).toEqual(["PostPublished"]);
    expect((await get("/")).text).toContain("On moss");
    expect(await lastEvent()).toMatchObject({ publicationDate: "2026-11-20" });
  });

  test("twice from one form: the same answer, one effect", async () => {
    const form = { commandId: newId() };
    const answers = await Promise.all([1, 2, 3].map(() => send(`/posts/${moss}/publication`, form)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await newEvents()).toEqual(["PostPublished"]);
  });

  test("twice from two forms: 409 with the reason in words", async () => {
    await given(publication(moss));
    const answer = await send(`/posts/${moss}/publication`).expect(409);
    expect(textOf(answer.text)).toContain("This post was published on 20 November 2026.");
    const problem = await client().post(`/posts/${moss}/publication`).set("Accept", "application/json");
    expect(problem.status).toBe(409);
    expect(JSON.parse(problem.text)).toMatchObject({
      title: "Already published",
      publicationDate: "2026-11-20",
    });
    expect(await newEvents()).toEqual([]);
  });

  test("that does not exist: 404", async () => {
    await send(`/posts/${newId()}/publication`).expect(404);
    await send(`/posts/${ben}/publication`).expect(404); // an author is not a post
  });

  test("takes no date from the form", async () => {
    await send(`/posts/${moss}/publication`, { publicationDate: "1999-01-01" }).expect(303);
    expect(await lastEvent()).toMatchObject({ publicationDate: "2026-11-20" });
  });
});
