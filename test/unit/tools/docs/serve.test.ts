import request from "supertest";
import { expect, test } from "vitest";
import { docsApp } from "../../../../tools/docs/serve.ts";
import { root } from "../../../support/files.ts";

const get = (path: string) => request(docsApp(root)).get(path);

test("the pages, with the headers of all pages", async () => {
  const { status, headers, text } = await get("/");
  expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(headers["content-security-policy"]).toContain("script-src 'self'");
  expect(text).toContain("<h1");
});

test.each([
  ["/assets/docs.js", "text/javascript; charset=utf-8"],
  ["/assets/docs.css", "text/css; charset=utf-8"],
  ["/assets/favicon.svg", "image/svg+xml"],
])("%s", async (path, type) => {
  const { status, headers } = await get(path);
  expect([status, headers["content-type"]]).toEqual([200, type]);
});

test("a folder leads to its README", async () => {
  expect((await get("/docs")).headers["location"]).toBe("/docs/");
  expect((await get("/docs/")).status).toBe(200);
});

test.each(["/package.json", "/.env", "/docs/../package.json", "/%2e%2e/package.json", "/%", "/nothing"])(
  "nothing else is shown: %s",
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);
