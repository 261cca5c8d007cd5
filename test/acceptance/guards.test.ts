import { beforeEach, expect, test } from "vitest";
import type { RateLimitStore } from "../../src/web/guards/rate-limit.ts";
import { author } from "../support/people.ts";
import { hiddenField, textOf, useWeb } from "../support/web.ts";

const { given, signedInAs, client, newEvents } = useWeb();
const form = {
  title: "On moss",
  content: "A long text & <b>dear</b>",
  commandId: "0198c0de-0000-7000-8000-000000000009",
};
const ben = "0198c0de-0000-7000-8000-000000000001";
const posts = `/authors/${ben}/posts`;

beforeEach(async () => {
  await given(author({ aggregateId: ben }));
  await signedInAs(ben);
});

function send(headers: Record<string, string>, rateLimits?: RateLimitStore) {
  const web = rateLimits ? client({ rateLimits }) : client();
  return web
    .post(posts)
    .set({ Accept: "text/html", ...headers })
    .type("form")
    .send(form);
}

test("a form of another site: 403, what to do, what was typed but no button, and nothing stored", async () => {
  const { status, text } = await send({ "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" });
  expect(status).toBe(403);
  expect(textOf(text)).toContain("This came from another site");
  expect(textOf(text)).toContain(form.content);
  expect(text).not.toMatch(/<form(?! method="post" action="\/sign-out")/);
  expect(await newEvents()).toEqual([]);
});

test("too often: 429, when to come back, and what was typed, ready to be sent again", async () => {
  const full: RateLimitStore = {
    count: async (keys) => keys.map(() => ({ count: 61, secondsLeft: 42 })),
    uncount: async () => {},
  };
  const { status, headers, text } = await send({}, full);
  expect([status, headers["retry-after"]]).toEqual([429, "42"]);
  expect(textOf(text)).toContain(form.content);
  expect(text).toContain(`action="${posts}"`);
  expect(hiddenField(text, "commandId")).toBe(form.commandId);
  expect(await newEvents()).toEqual([]);
});

test("an unknown host: 421, and what to do about it", async () => {
  const { status, text } = await client().get("/").set({ Host: "blog.example.com", Accept: "text/html" });
  expect(status).toBe(421);
  expect(textOf(text)).toContain("PUBLIC_URL");
});

test.each(["options", "get", "post", "head"] as const)(
  "an unknown host is told the same by any method, also at the address of a form (%s)",
  async (method) => {
    const { headers } = await client()[method]("/authors").set({ Host: "evil.example" }).expect(421);
    expect(headers["allow"]).toBeUndefined();
  },
);

test.each([
  ["get", "/", 200],
  ["get", "/nothing", 404],
  ["delete", "/", 405],
  ["get", "/feed.xml", 200],
  ["get", "/robots.txt", 200],
  ["get", "/healthz", 200],
  ["get", "/%zz", 400],
] as const)("%s %s (%i) has the headers and says what it is", async (method, path, status) => {
  const { headers } = await client()[method](path).expect(status);
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers["content-type"]).toContain("charset=utf-8");
  expect(headers).not.toHaveProperty("x-powered-by");
});

test("a form shown again is not kept", async () => {
  const { headers } = await client()
    .post("/authors")
    .set("Accept", "text/html")
    .type("form")
    .send({ name: "" })
    .expect(422);
  expect(headers["cache-control"]).toContain("no-store");
});
