import type { RequestListener, Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import { onTestFinished } from "vitest";
import { httpServer, limits } from "../../src/server/http-server.ts";
import type { RequestLog } from "../../src/web/logging/request-log.ts";

export interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** Listens on a port of its own until the test ends. */
export async function listening(
  app: RequestListener,
  options = limits,
  connections?: number,
): Promise<Listening> {
  const server = httpServer(app, options, connections);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Sends these bytes, and returns everything that comes back until the connection closes or falls silent. */
export function exchange(port: number, bytes: string | Buffer, silence = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const end = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString());
    };
    socket.setTimeout(silence, end);
    socket.on("end", end).on("data", (chunk) => {
      chunks.push(chunk);
      socket.setTimeout(Math.min(silence, 50));
    });
    socket.on("error", (error) => (chunks.length > 0 ? end() : reject(error)));
  });
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

/** Answers an error with its status and nothing else. */
export function plainErrors(error: unknown, _req: Request, res: Response, _next: NextFunction): void {
  const { status = 500, message } = error as { status?: number; message?: string };
  res.status(status).type("text").send(`${message}\n`);
}

/** The same, and the log line of the request names the error. */
export function loggedErrors(log: RequestLog): ErrorRequestHandler {
  return (error, req, res, next) => {
    log.noteError(res, error);
    plainErrors(error, req, res, next);
  };
}
