import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { EditPost } from "../../src/domain/post/commands.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { useWeb } from "../support/web.ts";

const origin = "https://blog.example.com";
const { given, get, client } = useWeb({ publicUrl: origin });
const ben = newId();
let moss = "";

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, what = ""]) => what);

beforeEach(async () => {
  moss = newId();
  await given(author({ aggregateId: ben }));
});

describe("for programs that read", () => {
  test("the feed is an Atom feed, with and without posts", async () => {
    const empty = await get("/feed.xml").expect(200);
    expect(empty.headers["content-type"]).toBe("application/atom+xml; charset=utf-8");
    expect(all(empty.text, /<updated>(.*)<\/updated>/g)).toEqual(["1970-01-01T00:00:00.000Z"]);

    await given(draftBy(ben, { aggregateId: moss, title: "A & B <c>" }), publication(moss), draftBy(ben));
    const { text } = await get("/feed.xml").expect(200);
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www.w3.org\/2005\/Atom"/,
    );
    expect(text).toContain(`<id>urn:uuid:${moss}</id>`);
    expect(text).toContain("<title>A &amp; B &lt;c&gt;</title>");
    expect(text).toContain(`href="${origin}/posts/${moss}"`);
    expect(text).toContain(
      '<link rel="self" type="application/atom+xml" href="https://blog.example.com/feed.xml"/>',
    );
    expect(all(text, /<entry>()/g)).toHaveLength(1); // a draft is not news
    for (const url of all(text, /(?:href="|<uri>)([^"<]+)/g))
      expect(url).toMatch(/^https:\/\/blog\.example\.com\//);
  });

  test("ids stay, and what is edited is updated", async () => {
    await given(draftBy(ben, { aggregateId: moss }), publication(moss));
    const before = (await get("/feed.xml")).text;
    await given(new EditPost({ aggregateId: moss, title: "Moss", content: "Still green." }));
    const after = (await get("/feed.xml")).text;
    expect(all(after, /<id>(.*)<\/id>/g)).toEqual(all(before, /<id>(.*)<\/id>/g));
    expect(all(after, /<published>(.*)<\/published>/g)).toEqual(all(before, /<published>(.*)<\/published>/g));
    const [feed, entry] = all(after, /<updated>(.*)<\/updated>/g);
    expect(feed).toBe(entry);
    expect(Date.parse(String(entry))).toBeGreaterThan(
      Date.parse(String(all(before, /<updated>(.*)<\/updated>/g)[1])),
    );
  });

  test("characters that XML cannot hold do not break it", async () => {
    await given(
      draftBy(ben, { aggregateId: moss, title: "a\uFFFEb\uFFFFc", content: "]]> \uFFFF &amp; <x>" }),
      publication(moss),
    );
    const { text } = await get("/feed.xml");
    expect(text).toContain("<title>abc</title>");
    expect(text).not.toMatch(/[\uFFFE\uFFFF]/);
    expect(text).toContain("<summary>]]&gt;");
  });

  test("pages name the feed; without PUBLIC_URL links are those of the host that was asked", async () => {
    expect((await get("/")).text).toContain('<link rel="alternate" type="application/atom+xml"');
    const { text } = await client({ publicUrl: undefined }).get("/feed.xml").set("Host", "localhost:3000");
    expect(text).toContain('href="http://localhost:3000/"');
    const forwarded = await client({ publicUrl: undefined, trustProxy: 1 })
      .get("/feed.xml")
      .set({ Host: "localhost:3000", "X-Forwarded-Host": "other.local" });
    expect(forwarded.text).toContain('href="http://localhost:3000/"');
  });

  test("the sitemap has published posts, and robots.txt names the sitemap", async () => {
    await given(draftBy(ben, { aggregateId: moss }), publication(moss), draftBy(ben));
    const { text, headers } = await get("/sitemap.xml").expect(200);
    expect(headers["content-type"]).toBe("application/xml; charset=utf-8");
    expect(all(text, /<loc>(.*?)<\/loc>/g)).toEqual([
      `${origin}/`,
      `${origin}/authors`,
      `${origin}/posts/${moss}`,
    ]);
    const robots = await get("/robots.txt").expect(200);
    expect(robots.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(robots.text).toContain(`Sitemap: ${origin}/sitemap.xml`);
  });
});
