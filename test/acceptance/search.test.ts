import type { RequestListener } from "node:http";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { SearchService } from "../../src/search/search-service.ts";
import { listening } from "../support/http.ts";
import { payloads } from "../support/payloads.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const { given, client } = useWeb();
const [ben, moss, draft] = [newId(), newId(), newId()];
const reasons: string[] = [];
const away = "Search is away at the moment. Everything else works.";

beforeEach(async () => {
  reasons.length = 0;
  await given(
    author({ aggregateId: ben }),
    draftBy(ben, { aggregateId: moss, title: "On <moss>" }),
    publication(moss),
    draftBy(ben, { aggregateId: draft, title: "My secret draft" }),
  );
});

/** A blog whose search service answers like this. */
async function blogWith(answer: RequestListener) {
  const { port } = await listening(answer);
  return blogAt(`http://localhost:${port}`);
}

function blogAt(url: string) {
  const blog = client({ search: new SearchService(url, (reason) => reasons.push(reason)) });
  return (path: string) => blog.get(path).set("Accept", "text/html");
}

const json =
  (value: unknown): RequestListener =>
  (_req, res) =>
    res.end(JSON.stringify(value));
const hit = (id: string, text = "It is ", match = "green") => ({
  id,
  title: "what the service thinks",
  excerpt: [
    { text, isMatch: false },
    { text: match, isMatch: true },
  ],
});

describe("the page of the search", () => {
  test("without a service there is none, and no link to it", async () => {
    const blog = client();
    expect((await blog.get("/").expect(200)).text).not.toContain("/search");
    await blog.get("/search?q=moss").expect(404);
  });

  test("it shows what was found, with the words that were asked for", async () => {
    const asked: string[] = [];
    const get = await blogWith((req, res) => {
      asked.push(String(req.url));
      json({ count: 1, hits: [hit(moss)] })(req, res);
    });
    expect((await get("/")).text).toContain('<a href="/search">Search</a>');
    const { text, headers } = await get("/search?q=+green+%26%22moss%22&after=0.5").expect(200);
    expect(asked).toEqual(["/search?q=green+%26%22moss%22&after=0.5"]);
    expect(text).toContain(`<a href="/posts/${moss}">On &lt;moss&gt;</a>`);
    expect(text).toContain("It is <mark>green</mark></p>");
    expect(textOf(text)).toContain("20 November 2026 · Ben");
    expect(fieldsIn(text)).toEqual({ q: 'green &"moss"' });
    expect(text).toContain('<meta name="robots" content="noindex">');
    expect(headers["cache-control"]).toBe("no-cache");
  });

  test("it is asked each time, because the service may have something new", async () => {
    let found: object[] = [];
    const get = await blogWith((req, res) => json({ count: found.length, hits: found })(req, res));
    for (let reader = 1; reader <= 3; reader += 1)
      expect((await get("/search?q=moss").expect(200)).text).toContain("No post has these words.");
    found = [hit(moss)];
    expect(textOf((await get("/search?q=moss").expect(200)).text)).toMatch(/1 post On <moss>/);
  });

  test("without words it is a form, and with too many it says so, and keeps them", async () => {
    const get = await blogWith(() => expect.unreachable());
    expect(fieldsIn((await get("/search").expect(200)).text)).toEqual({ q: "" });
    for (const none of ["?q=+", "?q=a&q=b", "?x[q]=a"]) await get(`/search${none}`).expect(200);
    const long = "moss ".repeat(50).trim();
    const { text } = await get(`/search?q=${long}`).expect(422);
    expect(text).toContain("At most 200 characters");
    expect(fieldsIn(text)).toEqual({ q: long });
  });

  test("more results have a page of their own", async () => {
    const get = await blogWith((req, res) =>
      json(
        req.url?.includes("after=")
          ? { count: 2, hits: [] }
          : { count: 2, hits: [hit(moss)], next: "0.5_a&b" },
      )(req, res),
    );
    const first = (await get("/search?q=a%26b").expect(200)).text;
    const [, next = ""] = /href="([^"]+)" rel="next"/.exec(first) ?? [];
    expect(next).toBe("/search?q=a%26b&amp;after=0.5_a%26b");
    const { text } = await get(next.replace("&amp;", "&")).expect(200);
    expect(text).toContain("No more posts have these words.");
    expect(text).toContain('<a href="/search?q=a%26b">Best matches</a>');
  });

  test("only what everybody may read here is shown, whatever the service has", async () => {
    const hits = [hit(draft, "the secret "), hit(newId(), "long gone "), hit(moss)];
    const get = await blogWith(json({ count: 3, hits }));
    const text = textOf((await get("/search?q=green").expect(200)).text);
    expect(text).toContain("1 post On <moss>");
    expect(text).not.toMatch(/secret|gone|thinks/);
  });

  test("a text of somebody stays a text", async () => {
    const pageWith = async (texts: readonly string[]) => {
      const excerpt = texts.map((text, index) => ({ text, isMatch: index % 2 === 1 }));
      const [word = ""] = texts;
      const get = await blogWith(json({ count: 1, next: word, hits: [{ id: moss, excerpt }] }));
      return (await get(`/search?q=${encodeURIComponent(word)}`).expect(200)).text;
    };
    const tagsOf = (html: string) => html.replaceAll(/"[^"]*"/g, '""').match(/<[^>]*>/g);
    const harmless = tagsOf(await pageWith(payloads.map(() => "harmless")));
    for (const first of [`"><script>alert(1)</script>`, `' autofocus onfocus='x`])
      expect(tagsOf(await pageWith([first, ...payloads.slice(1)]))).toEqual(harmless);
  });
});

describe("if the service", () => {
  const big = JSON.stringify({ count: 0, hits: [], x: "x".repeat(300_000) });
  const answers: Record<string, RequestListener> = {
    "answers an error": (_req, res) => res.writeHead(503).end("{}"),
    "answers no JSON": (_req, res) => res.end("<h1>Hello</h1>"),
    "answers nothing": (_req, res) => res.end(),
    "answers null": json(null),
    "answers something else": json({ count: 1, hits: [{ id: "x" }] }),
    "has no ids": json({ count: 1, hits: [{ ...hit(moss), id: "../etc" }] }),
    "has HTML for an excerpt": json({ count: 1, hits: [{ ...hit(moss), excerpt: "<b>x</b>" }] }),
    "answers too much": (_req, res) => res.end(big),
    "sends us elsewhere": (req, res) =>
      req.url === "/elsewhere"
        ? json({ count: 0, hits: [] })(req, res)
        : res.writeHead(302, { Location: "/elsewhere" }).end(),
    "hangs up": (req) => req.socket.destroy(),
  };
  test.each(Object.entries(answers))("%s, the page says that it is away", async (_, answer) => {
    const get = await blogWith(answer);
    const { text, headers } = await get("/search?q=green+moss").expect(503);
    expect(textOf(text)).toContain(away);
    expect(fieldsIn(text)).toEqual({ q: "green moss" });
    expect(headers).toMatchObject({ "cache-control": "private, no-store", "retry-after": "30" });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^[^\n]{5,200}$/);
  });

  test("does not run, the page says that it is away, and why is for the log", async () => {
    const { text } = await blogAt("http://localhost:1")("/search?q=moss").expect(503);
    expect(textOf(text)).toContain(away);
    expect(reasons).toEqual([expect.stringMatching(/^fetch failed: .*(ECONNREFUSED|bad port)/)]);
  });

  test("is slow, nobody waits for more than two seconds, and not everybody at once", async () => {
    let waiting = 0;
    const get = await blogWith((_req, res) => {
      waiting += 1;
      res.write('{"count": 0,');
    });
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 55 }, () => get("/search?q=moss").expect(503)));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(answers.every(({ text }) => textOf(text).includes(away))).toBe(true);
    expect(waiting).toBe(50);
    expect(new Set(reasons)).toEqual(
      new Set(["50 others wait for an answer", expect.stringMatching("aborted due to timeout")]),
    );
  });
});
