import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { addressKey } from "../web/guards/rate-limit.ts";

/** The last request on a connection, and its answer. Empty before the first request. */
interface Exchange {
  readonly address: string;
  readonly req?: IncomingMessage;
  readonly res?: ServerResponse;
}

/** The open connections of a server. The first is the one without a new request for the longest time. */
export class Connections {
  readonly #exchanges = new Map<Socket, Exchange>();
  #isClosing = false;

  /**
   * Keeps at most this many. If one more comes, it closes one of the address with the most connections: the one that has kept
   * us waiting the longest. So nobody can lock out others by holding connections, not even others at the same address. A proxy
   * in front of everybody loses only connections that it does not use.
   */
  constructor(server: Server, most = Number.POSITIVE_INFINITY) {
    server.on("connection", (socket: Socket) => {
      if (this.#exchanges.size >= most && !this.#closeIdlest()) {
        socket.destroy(); // we have to answer all other clients
        return;
      }
      this.#exchanges.set(socket, { address: addressKey(socket.remoteAddress ?? "") });
      socket.once("close", () => this.#exchanges.delete(socket));
    });
    server.prependListener("request", (req: IncomingMessage, res: ServerResponse) => {
      const exchange = this.#exchanges.get(req.socket);
      if (!exchange) return;
      this.#exchanges.delete(req.socket); // set it again as the last: a Map keeps the order of insertion
      this.#exchanges.set(req.socket, { ...exchange, req, res });
      if (this.#isClosing) closeAfter(res);
    });
  }

  /** The requests without an answer. */
  get running(): ServerResponse[] {
    return [...this.#exchanges.values()].flatMap(({ res }) => (res && !res.writableFinished ? [res] : []));
  }

  /** Closes each connection after the answer to its request. Node would wait for connections without a request, and browsers open some in advance. */
  close(): void {
    this.#isClosing = true;
    for (const [socket, { res }] of this.#exchanges) {
      if (res && !res.writableFinished) closeAfter(res);
      else socket.destroy();
    }
  }

  #closeIdlest(): boolean {
    const counts = new Map<string, number>();
    for (const { address } of this.#exchanges.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    let [idlest, most]: [Socket | undefined, number] = [undefined, 0];
    for (const [socket, exchange] of this.#exchanges) {
      const count = counts.get(exchange.address) ?? 0;
      if (keepsUsWaiting(exchange) && count > most) [idlest, most] = [socket, count];
    }
    if (idlest) this.#exchanges.delete(idlest);
    idlest?.destroy();
    return idlest !== undefined;
  }
}

/** True if the client has not sent all of its request, or has not read all of our answer. */
function keepsUsWaiting({ req, res }: Exchange): boolean {
  return !req?.complete || (res?.writableEnded ?? true);
}

function closeAfter(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader("Connection", "close");
  const { socket } = res;
  res.once("close", () => socket?.destroySoon());
}
