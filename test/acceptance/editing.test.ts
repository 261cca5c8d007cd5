import { beforeEach, describe, expect, test, vi } from "vitest";
import { CommandService, newId } from "#sequent/operations";
import { commandHandlers, projectors } from "../../src/blog.ts";
import { EditPost } from "../../src/domain/post/commands.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { body, hiddenField, textOf, useWeb } from "../support/web.ts";
import { FlakyStore } from "../unit/framework/support/flaky-store.ts";

const { given, signedInAs, get, send, client, newEvents, context } = useWeb({
  sessionSecret: "s".repeat(32),
});
const ben = newId();
let moss = "";
const original = { title: "On moss", content: "It is green." };

const formOf = (html: string) => ({
  commandId: hiddenField(html, "commandId"),
  seenVersion: hiddenField(html, "seenVersion"),
});
const openForm = async () => formOf((await get(`/posts/${moss}/edit`).expect(200)).text);
const somebodyElse = (texts: Partial<typeof original>) =>
  given(new EditPost({ aggregateId: moss, ...original, ...texts }));
/** The page that an answer leads to, as a person reads it. */
const pageAfter = async ({ headers }: { headers: Readonly<Record<string, unknown>> }) => {
  const [cookie = ""] = String(headers["set-cookie"]).split(";");
  return textOf((await get(String(headers["location"])).set("Cookie", cookie)).text);
};
const stored = () => context.blog.queries.ask({ type: "PostById", readerId: "program:test", postId: moss });

beforeEach(async () => {
  moss = newId();
  await given(author({ aggregateId: ben }), draftBy(ben, { aggregateId: moss, ...original }));
  await signedInAs(ben);
});

describe("editing a post", () => {
  test("changes what was changed, and nothing else", async () => {
    const form = await openForm();
    const asked = vi.spyOn(context.blog.queries, "ask");
    const sent = await send(`/posts/${moss}`, { ...original, title: "On mosses", ...form });
    expect(asked).not.toHaveBeenCalled();
    expect([sent.status, sent.headers["location"]]).toEqual([303, `/posts/${moss}`]);
    expect(await newEvents()).toEqual(["PostTitleChanged"]);
    expect((await get(`/posts/${moss}`)).text).toContain("On mosses");
  });

  test("shows on the page at once, though a rendered text is remembered", async () => {
    await get(`/posts/${moss}`);
    await send(`/posts/${moss}`, { ...original, content: "It is **very** green.", ...(await openForm()) });
    expect((await get(`/posts/${moss}`)).text).toContain("<strong>very</strong>");
  });

  test("with something wrong: 422, what was typed, and the same version", async () => {
    const form = await openForm();
    const answer = await send(`/posts/${moss}`, { title: "", content: "Something long", ...form }).expect(
      422,
    );
    expect(answer.text).toContain("Something long</textarea>");
    expect(formOf(answer.text)).toEqual(form);
    expect(await newEvents()).toEqual([]);
  });

  test("can be looked at before it is stored", async () => {
    const form = await openForm();
    const answer = await send(`/posts/${moss}`, {
      ...original,
      content: "*new*",
      intent: "preview",
      ...form,
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("<em>new</em>");
    expect(formOf(answer.text)).toEqual(form);
    expect(await newEvents()).toEqual([]);
  });

  test("sent twice, at once or later, has one effect", async () => {
    const form = { ...original, content: "It is very green.", ...(await openForm()) };
    const answers = await Promise.all([1, 2, 3].map(() => send(`/posts/${moss}`, form)));
    answers.push(await send(`/posts/${moss}`, form));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(await newEvents()).toEqual(["PostContentChanged"]);
  });

  test("by a program without hidden fields needs none of them", async () => {
    await send(`/posts/${moss}`, { title: "On mosses", content: "New." }).expect(303);
    expect(await newEvents()).toEqual(["PostTitleChanged", "PostContentChanged"]);
  });

  test("that does not exist: 404, the text is kept", async () => {
    const answer = await send(`/posts/${newId()}`, { title: "x", content: "My text" }).expect(404);
    expect(answer.text).toContain("My text</textarea>");
    await get(`/posts/${newId()}/edit`).expect(404);
  });
});

describe("editing what somebody else has changed in the meantime", () => {
  test("in another field: both changes are kept, and the message says so", async () => {
    const form = await openForm();
    await somebodyElse({ title: "On mosses" });
    const sent = await send(`/posts/${moss}`, { ...original, content: "It is very green.", ...form }).expect(
      303,
    );
    expect(await stored()).toMatchObject({ title: "On mosses", content: "It is very green." });
    expect(await pageAfter(sent)).toContain("Somebody else changed the title");
    expect(await newEvents()).toEqual(["PostContentChanged"]);
  });

  test("in another field, sent twice: one effect", async () => {
    const form = { ...original, content: "It is very green.", ...(await openForm()) };
    await somebodyElse({ title: "On mosses" });
    const answers = await Promise.all([1, 2, 3].map(() => send(`/posts/${moss}`, form)));
    answers.push(await send(`/posts/${moss}`, form));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(await newEvents()).toEqual(["PostContentChanged"]);
  });

  test.each([original.content, "It is brown."])(
    "in another field, sent again after a third person made mine %j: one effect, and theirs stays",
    async (content) => {
      const form = { ...original, content: "It is very green.", ...(await openForm()) };
      await somebodyElse({ title: "On mosses" });
      const first = await send(`/posts/${moss}`, form).expect(303);
      const message = await pageAfter(first);
      await somebodyElse({ title: "On lichen", content });

      const again = await send(`/posts/${moss}`, form);

      expect([again.status, again.headers["location"]]).toEqual([303, first.headers["location"]]);
      expect(message).toContain("Somebody else changed the title in the meantime");
      expect(await pageAfter(again)).toContain("Somebody else changed the title in the meantime");
      expect(await stored()).toMatchObject({ title: "On lichen", content });
      expect(await newEvents()).toEqual([]);
    },
  );

  test("by publishing it: an edit has nothing against that", async () => {
    const form = await openForm();
    await given(publication(moss));
    await send(`/posts/${moss}`, { title: "On mosses", content: "It is very green.", ...form }).expect(303);
    expect(await stored()).toMatchObject({ title: "On mosses", publication_date: "2026-11-20" });
  });

  test("to the same text as mine: nothing is left to do", async () => {
    const form = await openForm();
    await somebodyElse({ title: "On mosses" });
    await send(`/posts/${moss}`, { ...original, title: "On mosses", ...form }).expect(303);
    expect(await newEvents()).toEqual([]);
  });

  test("in the same field: 409 with both texts, and a form in which mine can be saved after all", async () => {
    const form = await openForm();
    await somebodyElse({ content: "It is brown." });
    const mine = { title: "On mosses", content: "It is blue." };
    const answer = await send(`/posts/${moss}`, { ...mine, ...form }).expect(409);
    expect(await newEvents()).toEqual([]);
    expect(textOf(answer.text)).toContain("Theirs, saved It is brown.");
    expect(textOf(answer.text)).toContain("Yours, not saved It is blue.");
    expect(answer.text).toContain("<del>brown</del><ins>blue</ins>");
    expect(answer.text).toContain("It is blue.</textarea>");

    await send(`/posts/${moss}`, { ...mine, ...formOf(answer.text) }).expect(303);
    expect(await stored()).toMatchObject(mine);
  });

  test("in the same field, and again while I choose: 409 again", async () => {
    const form = await openForm();
    await somebodyElse({ content: "It is brown." });
    const first = await send(`/posts/${moss}`, { ...original, content: "It is blue.", ...form }).expect(409);
    await somebodyElse({ content: "It is red." });
    const second = await send(`/posts/${moss}`, {
      ...original,
      content: "It is blue.",
      ...formOf(first.text),
    });
    expect(second.status).toBe(409);
    expect(textOf(second.text)).toContain("It is red.");
    expect(await newEvents()).toEqual([]);
  });

  test.each(["nonsense", "-1", "1e3", "0", "99"])(
    "with a version that we never sent (%s): nothing unseen is overwritten, nothing typed is lost",
    async (seenVersion) => {
      const mine = { title: original.title, content: "It is blue." };
      const first = await send(`/posts/${moss}`, { ...mine, seenVersion });
      expect(first.text).toContain("It is blue.</textarea>");
      const answer =
        first.status === 409 ? first : await send(`/posts/${moss}`, { ...mine, ...formOf(first.text) });
      expect([first.status, answer.status]).toEqual([/^\d+$/.test(seenVersion) ? 409 : 422, 409]);
      expect(textOf(answer.text)).toContain("Theirs, saved It is green.");
      expect(await newEvents()).toEqual([]);
    },
  );

  test("ten editors of one field: one is stored, nine see both texts", async () => {
    const { seenVersion } = await openForm();
    const texts = Array.from({ length: 10 }, (_, index) => `Text ${index}.`);
    const answers = await Promise.all(
      texts.map((content) => send(`/posts/${moss}`, { ...original, content, seenVersion })),
    );
    const winner = (await stored())?.content;
    for (const [index, mine] of texts.entries()) {
      expect(answers[index]?.status).toBe(mine === winner ? 303 : 409);
      if (mine === winner) continue;
      expect(textOf(answers[index]?.text ?? "")).toContain(`Theirs, saved ${winner}`);
      expect(textOf(answers[index]?.text ?? "")).toContain(`Yours, not saved ${mine}`);
    }
    expect(await newEvents()).toEqual(["PostContentChanged"]);
  });

  test("many editors of a field each, at once and sent twice: all of it is kept, and happens once", async () => {
    const { seenVersion } = await openForm();
    const edits = [{ title: "On mosses" }, { content: "It is very green." }];
    const forms = [...edits, ...edits, ...edits].map((edit) => ({
      ...{ ...original, ...edit, seenVersion },
      commandId: newId(),
    }));
    const answers = await Promise.all([...forms, ...forms].map((form) => send(`/posts/${moss}`, form)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect(await stored()).toMatchObject({ title: "On mosses", content: "It is very green." });
    expect((await newEvents()).sort()).toEqual(["PostContentChanged", "PostTitleChanged"]);
  });

  test.each([
    { theirs: { title: "On mosses" }, status: 303, content: "It is blue." },
    { theirs: { content: "It is brown." }, status: 409, content: "It is brown." },
  ])("while mine is being stored ($theirs): $status", async ({ theirs, status, content }) => {
    const flaky = new FlakyStore();
    const eventStore = flaky.wrap(context.blog.eventStore);
    const commandService = new CommandService({ eventStore, commandHandlers, projectors });
    const form = await openForm();
    flaky.commits.push(async (commit) => {
      await somebodyElse(theirs);
      await commit();
    });
    const answer = await client({ commandService })
      .post(`/posts/${moss}`)
      .type("form")
      .set("Accept", "text/html")
      .send(body({ ...original, content: "It is blue.", ...form }));
    expect([answer.status, flaky.commits]).toEqual([status, []]);
    if (status === 303) expect(await pageAfter(answer)).toContain("Somebody else changed the title");
    else expect(textOf(answer.text)).toMatch(/Theirs, saved It is brown\..*Yours, not saved It is blue\./);
    expect(await stored()).toMatchObject({ ...original, ...theirs, content });
  });

  test("is told to a program with the version that it is at", async () => {
    const { seenVersion } = await openForm();
    await somebodyElse({ content: "It is brown." });
    const answer = await client()
      .post(`/posts/${moss}`)
      .type("form")
      .set("Accept", "application/problem+json")
      .send(`title=On+moss&content=Mine&seenVersion=${seenVersion}`);
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 409, currentVersion: Number(seenVersion) + 1 });
  });
});
