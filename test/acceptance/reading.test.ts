import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { EditPost } from "../../src/domain/post/commands.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { hiddenField, textOf, useWeb } from "../support/web.ts";

const { given, signedInAs, get, client } = useWeb({ publicUrl: "https://blog.example.com" });
const ben = newId();

async function publish(count: number, content = "It is *green*."): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  for (const [index, aggregateId] of ids.entries()) {
    await given(
      draftBy(ben, { aggregateId, title: `Post ${index + 1}.`, content }),
      publication(aggregateId),
    );
  }
  return ids;
}

/** Follows the links to the next page, and gives what was found on each. */
async function follow(path: string, pattern: RegExp): Promise<string[][]> {
  const found: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { text }: { text: string } = await get(next).expect(200);
    found.push([...text.matchAll(pattern)].map(([, what = ""]) => what));
    next = /href="([^"]+)" rel="next"/.exec(text)?.[1];
  }
  return found;
}

beforeEach(async () => {
  await given(author({ aggregateId: ben }));
});

describe("reading", () => {
  test("the home page leads to the first post where there are authors, but nothing to read", async () => {
    await signedInAs(ben);
    expect((await get("/").expect(200)).text).toContain(`href="/authors/${ben}#new-post"`);
  });

  test("the home page shows published posts, the newest first, page by page", async () => {
    await publish(22);
    const pages = await follow("/", /(Post \d+)\./g);
    const expected = Array.from({ length: 22 }, (_, index) => `Post ${22 - index}`);
    expect(pages).toEqual([expected.slice(0, 20), expected.slice(20)]);
    const { text } = await get("/");
    expect(textOf(text)).toContain("Post 22. 20 November 2026 · Ben It is green.");
    expect(text).toContain('<time datetime="2026-11-20">');
  });

  test("the list of authors and the posts of an author have pages too", async () => {
    await given(
      ...Array.from({ length: 60 }, (_, n) => author({ aggregateId: newId(), email: `a${n}@example.com` })),
    );
    expect(
      (await follow("/authors", /<li>\s+<a href="(\/authors\/[^"]+)"/g)).map(({ length }) => length),
    ).toEqual([50, 11]);
    await publish(21);
    expect(
      (await follow(`/authors/${ben}`, /<li>\s+<a href="\/posts\/([^"]+)"/g)).map(({ length }) => length),
    ).toEqual([20, 1]);
  });

  test.each([
    "-1",
    "0",
    "NaN",
    "99999999999",
    "a&after=b",
    "[]",
    "%00",
    "eyJ9",
    "WyJ4IiwieSJd",
    `${"a".repeat(2_000)}`,
    cursor("0000-01-01T00:00:00.000Z"),
    cursor("2026-02-30T00:00:00.000Z"),
    cursor("2026-01-01T24:00:00.000Z"),
  ])("a cursor that we did not make (?after=%s) is none", async (after) => {
    await publish(1);
    for (const path of ["/", "/authors", `/authors/${ben}`]) {
      await get(`${path}?after=${after}&page=${after}`).expect(200);
    }
  });

  test("a post has a title, a description, an author, dates, and an address of its own", async () => {
    const [postId] = await publish(1, "First **words**. ".repeat(20));
    const { text } = await get(`/posts/${postId}`).expect(200);
    expect(text).toContain("<title>Post 1. · Sequent Blog</title>");
    expect(text).toContain(`<link rel="canonical" href="https://blog.example.com/posts/${postId}">`);
    expect(text).toMatch(/<meta name="description" content="First words\. First words\./);
    expect(text).toContain('<meta property="og:type" content="article">');
    expect(text).not.toContain("noindex");
  });

  test("its history says what changed from one revision to the next", async () => {
    const [postId = ""] = await publish(1, "It is green.");
    await given(new EditPost({ aggregateId: postId, title: "Post 1.", content: "It is brown." }));
    const { text } = await get(`/posts/${postId}/history`).expect(200);
    expect(text).toContain("<del>green</del><ins>brown</ins>");
    await signedInAs(ben);
    expect(textOf((await get(`/posts/${postId}/history`).expect(200)).text)).toMatch(
      /Text changed.*Published.*Text written.*Title written.*Author set.* Ben Created/,
    );
  });

  test("a page that has not changed is not sent again", async () => {
    const [postId] = await publish(1);
    for (const path of ["/", `/posts/${postId}`, "/authors", "/feed.xml"]) {
      const first = await get(path).expect(200);
      expect(first.headers["cache-control"]).toBe("no-cache");
      const again = await get(path).set("If-None-Match", String(first.headers["etag"]));
      expect([path, again.status]).toEqual([path, 304]);
    }
    await given(new EditPost({ aggregateId: String(postId), title: "Changed", content: "x" }));
    const { etag } = (await get("/")).headers;
    expect((await get("/").set("If-None-Match", `${etag}x`)).text).toContain("Changed");
  });

  test("styles are kept for ever, under a name that changes with them, and are sent compressed", async () => {
    const { text } = await get("/");
    const urls = [...text.matchAll(/href="(\/assets\/[^"]+)"/g)].map(([, url = ""]) => url);
    expect(urls).toHaveLength(2);
    for (const url of urls) {
      expect(url).toMatch(/\.[0-9a-f]{12}\.(css|svg)$/);
      const answer = await client().get(url).set("Accept-Encoding", "gzip").expect(200);
      expect(answer.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    }
    expect(
      (await client().get(String(urls[0])).set("Accept-Encoding", "gzip")).headers["content-encoding"],
    ).toBe("gzip");
  });

  test("each form has a command id of its own", async () => {
    const ids = [await get("/authors/new"), await get("/authors/new")].map(({ text }) =>
      hiddenField(text, "commandId"),
    );
    expect(new Set(ids).size).toBe(2);
  });
});

/** A cursor for a list that is sorted by time, as nobody has got it from us. */
function cursor(time: string): string {
  return Buffer.from(JSON.stringify([time, newId()])).toString("base64url");
}
