import { connect, type Socket } from "node:net";

export interface Answer {
  /** 0 if the connection was closed without one. */
  readonly status: number;
  readonly ms: number;
  readonly text: string;
}

/** Sends requests one after another on one connection, as long as the server keeps it open. */
export class RawClient {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(bytes: Buffer, method: string): Promise<Answer> {
    const started = performance.now();
    this.#socket ??= connect(this.#port, "127.0.0.1").setNoDelay(true);
    const socket = this.#socket;
    return new Promise((resolve) => {
      let received = Buffer.alloc(0);
      const finish = (keep: boolean) => {
        socket.removeAllListeners().on("error", () => {});
        if (!keep) {
          socket.destroy();
          this.#socket = undefined;
        }
        const text = received.toString("latin1");
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        resolve({ status, ms: performance.now() - started, text });
      };
      socket.setTimeout(10_000, () => finish(false));
      socket.on("error", () => finish(false)).on("close", () => finish(false));
      socket.on("data", (chunk) => {
        received = Buffer.concat([received, chunk]);
        const end = endOf(received, method);
        if (end !== undefined) finish(end === "keep");
      });
      socket.write(bytes);
    });
  }

  /** The next request begins a new connection. After a pause the server may have ended the old one. */
  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

/** Whether an answer is complete, and whether the connection stays open. */
function endOf(received: Buffer, method: string): "keep" | "close" | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.subarray(0, end).toString("latin1").toLowerCase();
  if (head.startsWith("http/1.1 100")) return endOf(received.subarray(end + 4), method);
  const status = Number(head.slice(9, 12));
  const then = head.includes("\r\nconnection: close") ? "close" : "keep";
  if (method === "HEAD" || status === 204 || status === 304) return then;
  const rest = received.subarray(end + 4);
  if (head.includes("\r\ntransfer-encoding: chunked")) {
    return rest.subarray(-5).toString("latin1") === "0\r\n\r\n" ? then : undefined;
  }
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
  return rest.length >= length ? then : undefined;
}
