import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { addressKey } from "../web/guards/rate-limit.ts";

/** The last request on a connection, and its answer; nothing before the first. */
interface Exchange {
  readonly req?: IncomingMessage;
  readonly res?: ServerResponse;
}

/** The connections of one address. The first is the one without a new request for the longest time. */
type Connections = Map<Socket, Exchange>;

/**
 * Keeps at most so many connections. If one more comes, another one is closed for it: of the address with the most
 * connections, the one that has kept us waiting the longest. So nobody locks out others by holding connections, not even
 * others at the same address; and a proxy, behind which all people are, loses only connections that it does not use.
 */
export function boundConnections(server: Server, most: number): void {
  const addresses = new Map<string, Connections>();
  let count = 0;

  const forget = (address: string, socket: Socket) => {
    const connections = addresses.get(address);
    if (!connections?.delete(socket)) return;
    count -= 1;
    if (connections.size === 0) addresses.delete(address);
  };

  const closeIdlest = (): boolean => {
    for (const [address, connections] of [...addresses].sort(([, one], [, other]) => other.size - one.size)) {
      for (const [socket, exchange] of connections) {
        if (!keepsUsWaiting(exchange)) continue;
        forget(address, socket);
        socket.destroy();
        return true;
      }
    }
    return false;
  };

  server.on("connection", (socket: Socket) => {
    if (count >= most && !closeIdlest()) {
      socket.destroy(); // all other clients are waiting for us
      return;
    }
    const address = addressKey(socket.remoteAddress ?? "");
    const connections = addresses.get(address) ?? new Map();
    addresses.set(address, connections.set(socket, {}));
    count += 1;
    socket.once("close", () => forget(address, socket));
  });

  server.on("request", (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    const connections = addresses.get(addressKey(socket.remoteAddress ?? ""));
    if (connections?.delete(socket)) connections.set(socket, { req, res }); // as the last: a Map keeps the order of insertion
  });
}

/** A client that has not sent all of its request, or has not taken all of our answer. */
function keepsUsWaiting({ req, res }: Exchange): boolean {
  return !req?.complete || (res?.writableEnded ?? true);
}
