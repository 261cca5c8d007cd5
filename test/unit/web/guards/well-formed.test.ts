import express from "express";
import { expect, test } from "vitest";
import { formBody } from "../../../../src/web/forms/form-body.ts";
import { wellFormed } from "../../../../src/web/guards/well-formed.ts";
import { exchange, listening, plainErrors, statusOf } from "../../../support/http.ts";

/** The status, and how often a route was reached. */
async function send(bytes: string | Buffer): Promise<{ status: number; reached: number; answer: string }> {
  let reached = 0;
  const app = express();
  app.use(wellFormed, formBody());
  app.use((_req: express.Request, res: express.Response) => {
    reached += 1;
    res.send("reached");
  });
  app.use(plainErrors);
  const { port } = await listening(app);
  const answer = await exchange(port, bytes);
  return { status: statusOf(answer), reached, answer };
}

const form = "Content-Type: application/x-www-form-urlencoded\r\n";

test("a request as browsers send it reaches its route", async () => {
  expect(await send("GET /posts?after=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatchObject({
    status: 200,
    reached: 1,
  });
  const sent = `POST /%C3%BC HTTP/1.1\r\nHost: localhost\r\n${form}Content-Length: 3\r\n\r\na=1`;
  expect(await send(sent)).toMatchObject({ status: 200, reached: 1 });
});

test.each(["/%zz", "/%", "/a%00b", "/%C0%AF", "/%ff", "//evil.example/", "/posts/%E0%A4%A"])(
  "the path %s is refused",
  async (path) => {
    expect(await send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatchObject({
      status: 400,
      reached: 0,
    });
  },
);

test("more than 16 KB of headers are refused", async () => {
  const { status, reached } = await send(
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(17_000)}\r\n\r\n`,
  );
  expect([status, reached]).toEqual([431, 0]);
});

test("more than 100 headers are refused, even short ones", async () => {
  const headers = (count: number) =>
    Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join("");
  expect((await send(`GET / HTTP/1.1\r\nHost: localhost\r\n${headers(99)}\r\n`)).status).toBe(200);
  expect(await send(`GET / HTTP/1.1\r\nHost: localhost\r\n${headers(100)}\r\n`)).toMatchObject({
    status: 431,
    reached: 0,
  });
});

test.each([
  [
    "a length and chunks",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "chunks and a length",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
  ],
  [
    "two lengths",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=12`,
  ],
  [
    "a length that is no number",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Content-Length: +3\r\n\r\na=1`,
  ],
  [
    "an unknown coding",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "a broken chunk",
    `POST / HTTP/1.1\r\nHost: localhost\r\n${form}Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n`,
  ],
  ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ["no host, as in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"],
  ["two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"],
  ["a header that is folded", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"],
  ["lines that end in LF alone", "GET / HTTP/1.1\nHost: localhost\n\n"],
  ["a space before the colon", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"],
  ["an address for a proxy", "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["an address that is no path", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["another protocol", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n"],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00"],
  ["NUL in a header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"],
])("%s is refused", async (_case, bytes) => {
  expect(await send(bytes)).toMatchObject({ status: 400, reached: 0 });
});
