import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { limits } from "../../../src/server/http-server.ts";
import { exchange, type Listening, listening, statusOf } from "../../support/http.ts";
import { until } from "../../support/until.ts";

const hour = 3_600_000;
/** By default. */
const patient = {
  ...limits,
  ...{ headersTimeout: hour, requestTimeout: hour, keepAliveTimeout: hour, connectionsCheckingInterval: 50 },
};
const get = "GET / HTTP/1.1\r\nHost: localhost\r\n";

test("headers get ten seconds, a request thirty, and an idle connection five", async () => {
  const { server } = await listening((_req, res) => res.end());
  expect(server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    maxRequestsPerSocket: 1_000,
  });
});

test("500 slow connections make nobody wait, and end with 408", async () => {
  const { server, port } = await listening((_req, res) => res.end("done"), patient);
  const slow = Array.from({ length: 500 }, () => exchange(port, `${get}X-Slow: `, 20_000));
  await until(async () => (await connectionsOf(server)) === 500);
  expect(statusOf(await exchange(port, `${get}\r\n`))).toBe(200);
  expect(await connectionsOf(server)).toBeGreaterThanOrEqual(500); // none of them had to end first
  server.headersTimeout = 1;
  expect(new Set((await Promise.all(slow)).map(statusOf))).toEqual(new Set([408]));
});

describe("if one address holds as many connections as possible", () => {
  /** macOS has only one address of its own by default. */
  const visitors = process.platform === "darwin" ? ["127.0.0.1"] : ["127.0.0.2", "127.0.0.1"];
  const form = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";

  test.each([
    ["and says nothing", ""],
    ["and never ends its headers", `${get}X-Slow: `],
    ["and never ends its form", form],
    ["and keeps them after an answer", `${get}\r\n`],
  ])("%s, another visitor gets a page at once", async (_case, bytes) => {
    const held = await listening(drained, patient, 100); // its timeouts are too long to help
    await hold(held, 100, bytes);
    for (const visitor of visitors) expect(await answerFor(await open(held.port, visitor))).toContain("done");
    expect(await connectionsOf(held.server)).toBeLessThanOrEqual(100);
  });

  test("at most 1,000 connections are open", async () => {
    const held = await listening(drained, patient);
    await hold(held, 1_000, "");
    expect(await connectionsOf(held.server)).toBe(1_000);
    for (const visitor of visitors) expect(await answerFor(await open(held.port, visitor))).toContain("done");
    expect(await connectionsOf(held.server)).toBeLessThanOrEqual(1_000);
  });

  test("and never reads its answers, another visitor gets a page at once", async () => {
    const long = Buffer.alloc(16_000_000); // more than the buffers of a connection take
    const held = await listening((req, res) => res.end(req.url === "/long" ? long : "done"), patient, 20);
    await hold(held, 20, `${get.replace("/", "/long")}\r\n`);
    for (const visitor of visitors) expect(await answerFor(await open(held.port, visitor))).toContain("done");
  });

  test.skipIf(visitors.length < 2)(
    "a visitor from another address keeps their connection and gets answers",
    async () => {
      let answer = () => {};
      const held = await listening(
        (req, res) => {
          if (req.url === "/slow") answer = () => res.end("slow");
          else res.end("done");
        },
        patient,
        100,
      );
      const visitor = await open(held.port, "127.0.0.2");
      expect(await answerFor(visitor)).toContain("done");
      const asked = answerFor(await open(held.port, "127.0.0.1"), get.replace("/", "/slow"));
      await hold(held, 200, "");
      answer();
      expect(await asked).toContain("slow");
      expect(await answerFor(visitor)).toContain("done");
    },
  );
});

test("a missing body also ends with 408", async () => {
  const { server, port } = await listening(drained, patient);
  const form = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";
  const answer = exchange(port, form, 20_000);
  await once(server, "request");
  [server.headersTimeout, server.requestTimeout] = [1, 1]; // the smaller timeout is that of the headers
  expect(statusOf(await answer)).toBe(408);
});

function drained(req: IncomingMessage, res: ServerResponse): void {
  req.resume().on("end", () => res.end("done"));
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

/** Connections that have sent this text, and stay open as long as they may. */
async function hold({ server, port }: Listening, count: number, bytes: string): Promise<void> {
  let accepted = 0;
  server.on("connection", () => (accepted += 1));
  for (let held = 0; held < count; held += 100) {
    const some = await Promise.all(
      Array.from({ length: Math.min(100, count) }, () => open(port, "127.0.0.1")),
    );
    for (const socket of some) socket.write(bytes);
    await until(() => accepted >= held + some.length); // so that none has to wait for a place in the queue
  }
}

function open(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress }, () => resolve(socket));
    socket.on("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** What comes back first, or nothing if the connection was closed. */
function answerFor(socket: Socket, bytes = get): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (chunk) => resolve(chunk.toString())).once("close", () => resolve(""));
    socket.write(`${bytes}\r\n`);
  });
}
