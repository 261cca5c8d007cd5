import { describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { EditPost } from "../../src/domain/post/commands.ts";
import { words } from "../support/nasty-texts.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { foldedViews, storedEvents } from "../support/views.ts";
import { textOf, useWeb } from "../support/web.ts";

const { given, signedInAs, get, context } = useWeb({ publicUrl: "https://blog.example.com" });

/** Written (versions 1 to 4), with another text (5), published (6), with another title (7). Its author reads it, or somebody else. */
async function givenPost(reader: "author" | "stranger" = "author"): Promise<string> {
  const ben = author();
  const post = draftBy(ben.aggregateId);
  const { aggregateId } = post;
  await given(ben, post);
  await given(new EditPost({ aggregateId, title: "On moss", content: "It is **brown**." }));
  await given(publication(aggregateId));
  await given(new EditPost({ aggregateId, title: "On lichen", content: "It is **brown**." }));
  if (reader === "author") await signedInAs(ben.aggregateId);
  return aggregateId;
}

describe("a post as it was", () => {
  test("shows what it said then, by whom, and which version this is", async () => {
    const id = await givenPost();
    const { text } = await get(`/posts/${id}?at=4`).expect(200);
    expect(textOf(text)).toMatch(/The post as it was on \d+ \w+ \d{4} at \d\d:\d\d UTC , version 4 of 7\./);
    expect(text).toContain('<h1 dir="auto">On moss</h1>');
    expect(text).toContain("It is green.");
    expect(textOf(text)).toMatch(/Draft\s+· Ben/);
    expect(text).toContain("<title>Version 4 of On moss · Sequent Blog</title>");
    const { text: published } = await get(`/posts/${id}?at=6`).expect(200);
    expect(published).toContain("It is <strong>brown</strong>.");
    expect(textOf(published)).toMatch(/On moss\s+20 November 2026 · Ben/);
  });

  test("leads to the version before and the one after, and to the post as it is", async () => {
    const id = await givenPost();
    const linksAt = async (version: number) => {
      const { text } = await get(`/posts/${id}?at=${version}`).expect(200);
      return [...text.matchAll(/<a href="([^"]+)" rel="(prev|next)"/g)].map(([, path, rel]) => [rel, path]);
    };
    expect(await linksAt(5)).toEqual([
      ["prev", `/posts/${id}?at=4`],
      ["next", `/posts/${id}?at=6`],
    ]);
    expect(await linksAt(1)).toEqual([["next", `/posts/${id}?at=2`]]);
    expect(await linksAt(7)).toEqual([["prev", `/posts/${id}?at=6`]]);
    expect((await get(`/posts/${id}?at=5`)).text).toContain(
      `<a href="/posts/${id}">The post as it is now</a>`,
    );
  });

  test("cannot be edited or published, and is not for search engines", async () => {
    const id = await givenPost();
    for (let version = 1; version <= 7; version += 1) {
      const { text } = await get(`/posts/${id}?at=${version}`).expect(200);
      expect(text).not.toMatch(/action="\/posts|\/edit"|rel="canonical"|og:url/);
      expect(text).toContain('<meta name="robots" content="noindex">');
      expect(text).not.toMatch(/<h1[^>]*>\s*<\/h1>/); // a post has no title before its third event
    }
    expect((await get(`/posts/${id}`)).text).not.toContain("noindex");
  });

  test.each([
    "",
    "0",
    "-1",
    "8",
    "1.5",
    "1e0",
    "01",
    "+1",
    "%201",
    "x",
    "9999999999",
    "1&at=2",
    "1%00",
    "NaN",
  ])("?at=%s is no page", async (at) => {
    const id = await givenPost();
    const { text } = await get(`/posts/${id}?at=${at}`).expect(404);
    expect(textOf(text)).toContain("Page not found");
  });

  test("of a post that is not there is no page either", async () => {
    const ben = author();
    await given(ben);
    for (const id of [newId(), ben.aggregateId, "moss"]) await get(`/posts/${id}?at=1`).expect(404);
  });

  test("is not sent again until something about it changes: that there is a newer one, say", async () => {
    const id = await givenPost("stranger");
    const first = await get(`/posts/${id}?at=7`).expect(200);
    expect(first.headers["cache-control"]).toBe("no-cache");
    const again = () => get(`/posts/${id}?at=7`).set("If-None-Match", String(first.headers["etag"]));
    await again().expect(304);
    await given(new EditPost({ aggregateId: id, title: "On moss", content: "…" }));
    const { text } = await again().expect(200);
    expect(textOf(text)).toContain("version 7 of 9");
    expect(text).toContain('<h1 dir="auto">On lichen</h1>');
  });

  test("is what the history leads to", async () => {
    const id = await givenPost();
    const { text } = await get(`/posts/${id}/history`).expect(200);
    const links = [...text.matchAll(/\?at=(\d+)">Version \1</g)].map(([, version]) => Number(version));
    expect(links).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test("is what the view of posts was at each version, as far as a post remembers it", async () => {
    const id = await givenPost();
    const events = await storedEvents(context.database);
    for (let version = 1; version <= 7; version += 1) {
      const past = events.filter((event) => event.aggregateId !== id || event.sequenceNumber <= version);
      const [row] = (await foldedViews(past))["post_records"] ?? [];
      const answer = await context.blog.queries.ask({
        type: "PostAtVersion",
        readerId: "program:test",
        postId: id,
        version,
      });
      const { author_name, first_version, newest_version, ...post } = answer ?? {};
      expect([author_name, first_version, newest_version]).toEqual([version > 1 ? "Ben" : null, 1, 7]);
      expect(Object.keys(post)).toEqual(expect.arrayContaining(["title", "content", "updated_at"]));
      for (const [name, value] of Object.entries(post)) {
        const viewed = (row as Record<string, unknown>)[name];
        expect([name, value]).toEqual([name, viewed === "" || viewed === undefined ? null : viewed]);
      }
    }
  });
});

describe("the history of a post", () => {
  async function historyOf(postId: string, limit: number, bytes = 1_000) {
    const revisions = await context.blog.queries.ask({
      type: "PostRevisions",
      readerId: "program:test",
      postId,
      limit,
      bytes,
    });
    return revisions.map(
      ({ version, event_type, is_earlier }) => `${version} ${event_type}${is_earlier ? " before" : ""}`,
    );
  }

  const newest = ["3 PostTitleChanged before", "7 PostTitleChanged"];

  test("is asked for up to a limit, with the values before that", async () => {
    const id = await givenPost();
    expect(await historyOf(id, 1)).toEqual(newest);
    expect(await historyOf(id, 2)).toEqual([newest[0], "6 PostPublished", newest[1]]);
    expect(await historyOf(id, 7)).toHaveLength(7);
    expect(await historyOf(newId(), 7)).toEqual([]);
  });

  test("is not read any further where its texts are long", async () => {
    const id = await givenPost();
    expect(await historyOf(id, 9, 1)).toEqual(newest);
    const bytes = JSON.stringify({ title: "On lichen" }).length + 1; // Postgres writes a space after the colon
    expect(await historyOf(id, 9, bytes)).toEqual(newest);
    expect(await historyOf(id, 9, bytes + 1)).toEqual([newest[0], "6 PostPublished", newest[1]]);
  });

  test("says of what changed too much where to read it, before and after", async () => {
    const ben = author();
    const post = draftBy(ben.aggregateId, { content: words(1) });
    await given(
      ben,
      post,
      new EditPost({ aggregateId: post.aggregateId, title: "On moss", content: words(2) }),
    );
    await signedInAs(ben.aggregateId);
    const { text } = await get(`/posts/${post.aggregateId}/history`).expect(200);
    expect(textOf(text)).toContain(
      "Changed too much to show side by side. Read it as it was before or after .",
    );
    for (const version of [4, 5]) {
      expect(text).toContain(`?at=${version}">`);
      await get(`/posts/${post.aggregateId}?at=${version}`).expect(200);
    }
  });

  test("says of its oldest entries what they changed, and how many there are before them", async () => {
    const ben = author();
    const post = draftBy(ben.aggregateId, { content: "word 0 stays" });
    await given(ben, post);
    for (let edit = 1; edit <= 102; edit += 1) {
      const content = `word ${edit} stays`;
      await given(new EditPost({ aggregateId: post.aggregateId, title: "On moss", content }));
    }
    await signedInAs(ben.aggregateId);
    const { text } = await get(`/posts/${post.aggregateId}/history`).expect(200);
    expect(text.match(/<li>\s*<h2>/g)).toHaveLength(100);
    expect(text).toContain("<span>word </span><del>2</del><ins>3</ins><span> stays</span>");
    expect(text).not.toContain("<del>1</del>");
    expect(text).toContain("And 6 older changes.");
  });
});
