import express from "express";
import request from "supertest";
import { beforeEach, expect, test, vi } from "vitest";
import { sameOrigin } from "../../../../src/web/guards/same-origin.ts";
import { createLog } from "../../../../src/web/logging/log.ts";
import { RequestLog } from "../../../../src/web/logging/request-log.ts";
import { loggedErrors } from "../../../support/http.ts";

const stored = vi.fn();
beforeEach(() => {
  stored.mockClear();
});

function send(
  headers: Record<string, string>,
  { publicUrl, log = () => {} }: Setup = {},
  method: "get" | "post" = "post",
) {
  const app = express();
  const requestLog = new RequestLog(createLog({ level: "info", write: log }));
  app.use(requestLog.handler());
  app.use(sameOrigin({ publicUrl }));
  app.all("/", (_req, res) => {
    stored();
    res.send("stored");
  });
  app.use(loggedErrors(requestLog));
  return request(app)
    [method]("/")
    .set({ Host: "localhost:3000", ...headers });
}

interface Setup {
  publicUrl?: string;
  log?: (line: string) => void;
}

test.each([
  ["a form of this blog", { "Sec-Fetch-Site": "same-origin", Origin: "http://localhost:3000" }],
  [
    "a form of this blog whose origin a proxy changed",
    { "Sec-Fetch-Site": "same-origin", Origin: "https://other" },
  ],
  ["a restored tab", { "Sec-Fetch-Site": "none" }],
  ["a form of this blog in an old browser", { Origin: "http://localhost:3000" }],
  ["a program", {}],
])("%s passes", async (_case, headers) => {
  expect((await send(headers)).status).toBe(200);
  expect(stored).toHaveBeenCalledOnce();
});

test.each([
  ["a form of another site", { "Sec-Fetch-Site": "cross-site", Origin: "http://localhost:3000" }],
  ["a form of another port", { "Sec-Fetch-Site": "same-site", Origin: "null" }],
  ["two answers", { "Sec-Fetch-Site": "same-origin, cross-site" }],
  ["an empty answer", { "Sec-Fetch-Site": "" }],
  ["another site in an old browser", { Origin: "http://evil.example" }],
  ["another port in an old browser", { Origin: "http://localhost:4000" }],
  ["a hidden origin", { Origin: "null" }],
  ["something that is no origin", { Origin: "localhost:3000" }],
])("%s is refused, and nothing is stored", async (_case, headers) => {
  const { status } = await send(headers);
  expect(status).toBe(403);
  expect(stored).not.toHaveBeenCalled();
});

test("with PUBLIC_URL the origin must be that one, to the letter", async () => {
  const publicUrl = "https://blog.example.com";
  const host = { Host: "blog.example.com" };
  expect((await send({ ...host, Origin: publicUrl }, { publicUrl })).status).toBe(200);
  expect((await send({ ...host, Origin: "http://blog.example.com" }, { publicUrl })).status).toBe(403);
});

test("requests that only read may come from anywhere", async () => {
  expect((await send({ "Sec-Fetch-Site": "cross-site" }, {}, "get")).status).toBe(200);
});

test("the refusal is logged once, with the origin", async () => {
  const lines: string[] = [];
  await send({ Origin: "http://evil.example" }, { log: (line) => lines.push(line) });
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  const refusals = lines.filter((line) => line.includes("evil.example"));
  expect(refusals).toHaveLength(1);
  expect(JSON.parse(refusals[0] ?? "")).toMatchObject({
    rejection: "CrossSiteRequest",
    origin: "http://evil.example",
  });
});
