import { expect, test } from "vitest";
import { limits } from "../src/server/http-server.ts";
import { exchange, listening, statusOf } from "./support/http.ts";

const impatient = { ...limits, headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };
const get = "GET / HTTP/1.1\r\nHost: localhost\r\n";

test("B16 headers get ten seconds, a request thirty, and an idle connection five", async () => {
  const { server } = await listening((_req, res) => res.end());
  expect(server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    maxConnections: 1_000,
    maxRequestsPerSocket: 1_000,
  });
});

test("B16 500 slow connections keep nobody waiting, and end with 408", async () => {
  const { port } = await listening((_req, res) => res.end("done"), {
    ...impatient,
    headersTimeout: 1_500,
    requestTimeout: 2_000,
  });
  const slow = Array.from({ length: 500 }, () => exchange(port, `${get}X-Slow: `, 4_000));
  await new Promise((resolve) => setTimeout(resolve, 400));
  const started = Date.now();
  expect(statusOf(await exchange(port, `${get}\r\n`))).toBe(200);
  expect(Date.now() - started).toBeLessThan(1_000);
  expect(new Set((await Promise.all(slow)).map(statusOf))).toEqual(new Set([408]));
}, 10_000);

test("B16 a body that does not come ends with 408 too", async () => {
  const { port } = await listening((req, res) => req.resume().on("end", () => res.end("done")), impatient);
  const post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";
  expect(statusOf(await exchange(port, post, 2_000))).toBe(408);
});
