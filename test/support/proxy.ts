import { type AddressInfo, createServer, connect as open, type Server, type Socket } from "node:net";

/** A connection to a database that can be disturbed: `proxy.swallow()` passes statements on and keeps the answers. */
export class DatabaseProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #swallowing = false;
  #isAway = false;
  #target: URL;

  private constructor(server: Server, databaseUrl: string) {
    this.#server = server;
    this.#target = new URL(databaseUrl);
  }

  static async to(databaseUrl: string): Promise<DatabaseProxy> {
    const server = createServer();
    const proxy = new DatabaseProxy(server, databaseUrl);
    server.on("connection", (client) => proxy.#join(client, proxy.#open()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Leads new connections to another server. */
  lead(databaseUrl: string): void {
    this.#target = new URL(databaseUrl);
  }

  #open(): Socket {
    const { hostname, port } = this.#target;
    return open(Number(port || 5432), hostname);
  }

  url(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.toString();
  }

  swallow(swallowing = true): void {
    this.#swallowing = swallowing;
  }

  /** Cuts all connections, and each new one, until it is back. */
  away(isAway = true): void {
    this.#isAway = isAway;
    if (isAway) for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    if (this.#isAway) client.destroy();
    client.on("data", (data) => server.write(data));
    let held = false; // kept answers are never delivered, as on a cut line
    server.on("data", (data) => {
      held ||= this.#swallowing;
      if (!held) client.write(data);
    });
  }
}
