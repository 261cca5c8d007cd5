import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { limits } from "../../../src/server/http-server.ts";
import { exchange, listening, statusOf } from "../../support/http.ts";

const impatient = { ...limits, headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };
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

test("500 slow connections keep nobody waiting, and end with 408", async () => {
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

describe("where one address holds all the connections that there may be", () => {
  /** macOS has only one address of its own by default. */
  const visitors = process.platform === "darwin" ? ["127.0.0.1"] : ["127.0.0.2", "127.0.0.1"];
  const post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";

  test.each([
    ["and says nothing", ""],
    ["and never ends its headers", `${get}X-Slow: `],
    ["and never ends its form", post],
    ["and keeps them after an answer", `${get}\r\n`],
  ])(
    "%s, another visitor gets a page at once",
    async (_case, bytes) => {
      const { server, port } = await listening((req, res) => {
        req.resume().on("end", () => res.end("done"));
      });
      await hold(port, 1_000, bytes);
      for (const visitor of visitors) {
        const started = performance.now();
        expect(await answerFor(await open(port, visitor))).toContain("done");
        expect(performance.now() - started).toBeLessThan(2_000); // it takes a moment, but no timeout has to pass
      }
      const count = await new Promise((resolve) =>
        server.getConnections((_error, number) => resolve(number)),
      );
      expect(count).toBeLessThanOrEqual(1_000);
    },
    20_000,
  );

  test("and never reads its answers, another visitor gets a page at once", async () => {
    const long = Buffer.alloc(16_000_000); // more than the buffers of a connection take
    const { port } = await listening((req, res) => res.end(req.url === "/long" ? long : "done"), limits, 20);
    await hold(port, 20, `${get.replace("/", "/long")}\r\n`);
    for (const visitor of visitors) expect(await answerFor(await open(port, visitor))).toContain("done");
  });

  test.skipIf(visitors.length < 2)(
    "a visitor elsewhere keeps their connection, and what is asked is answered",
    async () => {
      let answer = () => {};
      const { port } = await listening((req, res) => {
        if (req.url === "/slow") answer = () => res.end("slow");
        else res.end("done");
      });
      const visitor = await open(port, "127.0.0.2");
      expect(await answerFor(visitor)).toContain("done");
      const asked = answerFor(await open(port, "127.0.0.1"), get.replace("/", "/slow"));
      await hold(port, 1_100, "");
      answer();
      expect(await asked).toContain("slow");
      expect(await answerFor(visitor)).toContain("done");
    },
    20_000,
  );
});

test("a body that does not come ends with 408 too", async () => {
  const { port } = await listening((req, res) => req.resume().on("end", () => res.end("done")), impatient);
  const post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";
  expect(statusOf(await exchange(port, post, 2_000))).toBe(408);
});

/** Connections that have sent so much, and stay as long as they may. */
async function hold(port: number, count: number, bytes: string): Promise<void> {
  for (let held = 0; held < count; held += 100) {
    const some = await Promise.all(
      Array.from({ length: Math.min(100, count) }, () => open(port, "127.0.0.1")),
    );
    for (const socket of some) socket.write(bytes);
  }
}

function open(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress }, () => resolve(socket));
    socket.on("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** What comes back first; nothing where the connection was closed. */
function answerFor(socket: Socket, bytes = get): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (chunk) => resolve(chunk.toString())).once("close", () => resolve(""));
    socket.write(`${bytes}\r\n`);
  });
}
