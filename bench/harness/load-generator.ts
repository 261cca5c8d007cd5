import { connect } from "node:net";
import { AnswerReader } from "./answer-reader.ts";
import { percentile } from "./figures.ts";
import type { Beside, Load, LoadResult } from "./http-load.ts";

/**
 * Sends requests over some connections. Each connection waits for its answer. This is a program of its own, so it shares no
 * thread. It uses bare sockets, because the load takes processor time away from the server.
 */
process.on("message", async (load: Load) => {
  process.send?.(await run(load).catch(({ message }: Error) => ({ failure: message })));
});
process.on("disconnect", () => process.exit());

async function run({ port, requests, from = 0, connections, ms, beside }: Load): Promise<LoadResult> {
  const texts = requests.map(bytesOf);
  const took: number[] = [];
  const statuses: Record<string, number> = {};
  const sentBeside: Promise<void>[] = [];
  let sent = from;
  const started = performance.now();
  const drive = () =>
    new Promise<void>((resolve, reject) => {
      let socket = connect(port, "127.0.0.1");
      let asked = 0;
      const lost = () => reject(new Error("The server closed a connection without an answer."));
      const next = () => {
        if (performance.now() - started > ms) return resolve(void socket.off("close", lost).destroy());
        asked = performance.now();
        socket.write(texts[sent++ % texts.length] ?? "");
      };
      const open = () => {
        const reader = new AnswerReader(({ status, close }) => {
          took.push(performance.now() - asked);
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (beside && took.length % beside.every === 0) sentBeside.push(send(beside).catch(reject));
          if (!close) return next();
          socket.off("close", lost).destroy();
          socket = connect(port, "127.0.0.1");
          open();
          next();
        });
        socket
          .setNoDelay()
          .on("data", (chunk) => reader.take(chunk))
          .on("error", reject)
          .on("close", lost);
      };
      open();
      next();
    });
  await Promise.all(Array.from({ length: connections }, drive));
  const perSecond = (took.length / (performance.now() - started)) * 1_000;
  await Promise.all(sentBeside);
  return { perSecond, p50: percentile(took, 50), p99: percentile(took, 99), statuses };
}

async function send({ port, request, expect }: Beside): Promise<void> {
  const { method = "GET", path, body } = request;
  const headers = { "Content-Type": "application/x-www-form-urlencoded", ...request.headers };
  const url = `http://127.0.0.1:${port}${path}`;
  const { status } = await fetch(url, { method, redirect: "manual", ...(body && { headers, body }) });
  if (status !== expect) throw new Error(`${method} ${path} was answered with ${status}, not ${expect}.`);
}

function bytesOf({ method = "GET", path, headers = {}, body = "" }: Load["requests"][number]): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1", "Accept: text/html"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body) {
    lines.push(
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${Buffer.byteLength(body)}`,
    );
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
