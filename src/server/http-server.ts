import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";

/** What Node waits for by default (minutes, any number of connections) is more than strangers should get. */
export const limits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
};

export function httpServer(app: RequestListener, options = limits): Server {
  const server = createServer(options, app);
  server.maxConnections = 1_000;
  server.maxRequestsPerSocket = 1_000;
  return server;
}
