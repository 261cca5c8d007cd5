import type { NextFunction, Request, RequestHandler, Response } from "express";
import { newId } from "#sequent/operations";
import { logRejection } from "./command-log.ts";
import type { Logger } from "./log.ts";

/** Asked every few seconds by whoever runs the blog; that they are answered is no news. */
const checks = ["/healthz", "/readyz"];

/**
 * Gives each request an id, which is in `res.locals.requestId`, in the header X-Request-Id and in all of its lines,
 * and writes a line when it is answered. Addresses, query strings and forms are not written: they are people's.
 */
export function requestLog({
  log,
  trustProxy = 0,
}: {
  readonly log: Logger;
  readonly trustProxy?: number | undefined;
}): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const started = performance.now();
    const requestId = (trustProxy > 0 && idOf(req)) || newId();
    res.locals["requestId"] = requestId;
    res.setHeader("X-Request-Id", requestId);
    res.once("close", () => writeLine(log, req, res, started));
    next();
  };
}

/** An error handler that goes before the one that answers: the line of the request then says what was wrong. */
export function noteError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  noteRejection(res, error);
  next(error);
}

/** For an error that a route answers by itself, such as a form shown again. */
export function noteRejection(res: Response, error: unknown): void {
  res.locals["error"] = error;
}

function idOf(req: Request): string | undefined {
  return /^[\w.-]{1,64}$/.exec(req.get("X-Request-Id") ?? "")?.[0];
}

function writeLine(log: Logger, req: Request, res: Response, started: number): void {
  const error: unknown = res.locals["error"];
  const { requestId } = res.locals;
  const line = {
    requestId,
    method: req.method,
    path: pathOf(req),
    status: res.statusCode,
    ms: Math.round((performance.now() - started) * 10) / 10,
    ...(res.writableFinished ? {} : { cutOff: true }),
  };
  if (res.statusCode >= 500) {
    log.error({ ...line, ...(error ? { err: error } : {}) }, "request");
  } else {
    if (error) logRejection(log, error, { requestId });
    if (checks.includes(line.path)) log.debug(line, "request");
    else log.info(line, "request");
  }
}

function pathOf(req: Request): string {
  const [path = ""] = req.originalUrl.split("?", 1);
  return path.slice(0, 200).replace(/[^\x21-\x7e]/g, encodeURIComponent);
}
