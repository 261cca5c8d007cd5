import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "#sequent/operations";
import { payloads } from "../support/payloads.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { textOf, useWeb } from "../support/web.ts";

const { given, signedInAs, get, send, context } = useWeb({ publicUrl: "https://blog.example.com" });
const ben = newId();

/** Every tag that our templates and Markdown write, with all the attributes that they may have. */
const tags = new Set(
  (
    "!doctype html head meta title link body a header nav ul ol li main footer p h1 h2 h3 article section aside time bdi span div " +
    "form input textarea label button small details summary ins del em strong code pre blockquote table thead tbody tr th td br hr s"
  ).split(" "),
);
const attributes = new Set(
  (
    "lang charset name content rel href type title property class id tabindex aria-label aria-current aria-labelledby role datetime " +
    "dir method action value novalidate required autocomplete aria-describedby aria-invalid autofocus rows spellcheck for html " +
    "reversed start readonly"
  ).split(" "),
);

/** Fails where a page has an element or an attribute that is not ours. In a page of ours, "<" is written only by us. */
function expectOnlyOurs(html: string): void {
  const strange: string[] = []; // gathered, for to expect something of each attribute of each page takes half a minute
  for (const [tag, name = "", rest = ""] of html.matchAll(/<\/?([^\s>/]*)((?:"[^"]*"|[^">])*)>/g)) {
    const names = [...rest.matchAll(/([^\s="/]+)(?:="[^"]*")?/g)].map(([, attribute = ""]) => attribute);
    const urls = [...rest.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, url = ""]) => url);
    const isOurs =
      tags.has(name.toLowerCase()) &&
      names.every((attribute) => attributes.has(attribute)) &&
      urls.every((url) => /^(\/(?![/\\])|#|https?:\/\/|mailto:)/.test(url));
    if (!isOurs) strange.push(tag);
  }
  expect(strange).toEqual([]);
  expect(html).not.toMatch(/<(script|img|iframe|svg|style|base|object)/i);
}

/** Eight at a time, for which the connections to the database suffice. */
async function forEachPayload(work: (payload: string, index: number) => Promise<void>): Promise<void> {
  const left = payloads.entries();
  const next = async () => {
    for (const [index, payload] of left) await work(payload, index);
  };
  await Promise.all(Array.from({ length: 8 }, next));
}

vi.setConfig({ testTimeout: 120_000 });

beforeEach(async () => {
  await given(author({ aggregateId: ben }));
  await signedInAs(ben);
});

describe("markup, script and template code", () => {
  test("is at least a hundred payloads", () => expect(payloads.length).toBeGreaterThanOrEqual(100));

  test("in the text of a post never becomes more than Markdown", async () => {
    await forEachPayload(async (content) => {
      const aggregateId = newId();
      await given(draftBy(ben, { aggregateId, title: "x", content }), publication(aggregateId));
      const page = await get(`/posts/${aggregateId}`).expect(200);
      expectOnlyOurs(page.text);
      for (const [, rel] of page.text.matchAll(/<a href="https?:[^>]*?(rel="[^"]*")?>/g)) {
        expect(rel).toBe('rel="nofollow ugc noopener"');
      }
    });
    for (const path of ["/", `/authors/${ben}`]) expectOnlyOurs((await get(path)).text);
  });

  test("in a title or a name is shown as it was typed, on every page", async () => {
    const lines = payloads.map((payload) => payload.replace(/\n/g, " ").trim().slice(0, 100));
    for (let index = 0; index < lines.length; index += 2) {
      const [name = "", title = name] = lines.slice(index); // half of them are names, the others are titles
      const signUp = await send("/authors", { name, email: `p${index}@example.com` }).expect(303);
      const author = String(signUp.headers["location"]);
      await signedInAs(author.slice("/authors/".length));
      const sent = await send(`${author}/posts`, { title, content: "x", intent: "publish" });
      const path = String(sent.headers["location"]);
      for (const page of [path, `${path}/edit`, `${path}/history`, author]) {
        const { text } = await get(page).expect(200);
        expectOnlyOurs(text);
        if (page !== path) continue;
        for (const line of [name, title]) expect(textOf(text)).toContain(line.replace(/\s+/g, " "));
      }
    }
    for (const path of ["/", "/authors"]) expectOnlyOurs((await get(path)).text);
    expect((await get("/feed.xml")).text).not.toMatch(/<(script|img|svg|iframe)/i);
  });

  test("in a form that is refused comes back as it was typed, and is stored as it was typed", async () => {
    await forEachPayload(async (payload) => {
      const { text } = await send("/authors", { name: payload, email: payload }).expect(422);
      expectOnlyOurs(text);
      const refused = await send(`/authors/${ben}/posts`, { title: "", content: payload }).expect(422);
      expectOnlyOurs(refused.text);
      expect(textOf(refused.text)).toContain(payload.replace(/\s+/g, " ").trim());
    });
    const sent = await send(`/authors/${ben}/posts`, { title: "x", content: payloads.join("\n\n") });
    const stored = await context.blog.queries.ask({
      type: "PostById",
      readerId: "program:test",
      postId: String(sent.headers["location"]).slice("/posts/".length),
    });
    expect(stored?.content).toBe(payloads.join("\n\n"));
  });
});
