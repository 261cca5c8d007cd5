import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { Connections } from "./connections.ts";

/** By default, Node waits for minutes and accepts any number of connections. These limits are for strangers. */
export const limits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
};

const mostConnections = 1_000;

export function httpServer(app: RequestListener, options = limits, connections = mostConnections): Server {
  const server = createServer(options, app);
  new Connections(server, connections);
  server.maxRequestsPerSocket = 1_000;
  return server;
}
