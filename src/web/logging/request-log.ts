import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type BaseCommand, CommandNotValid } from "#sequent";
import { type CommandService, isUuid, newId } from "#sequent/operations";
import type { Logger } from "./log.ts";

export type Commands = Pick<CommandService, "executeCommands">;

/** They come every few seconds, so their lines are hidden. */
const checks = ["/healthz", "/readyz", "/metrics"];

/**
 * Writes a line for each request and for each command. The lines of one request have the same id, which is also in the
 * header X-Request-Id and in the metadata of the commands. Addresses, query strings and forms are personal, so they are not
 * written.
 */
export class RequestLog {
  readonly #log: Logger;
  readonly #errors = new WeakMap<Response, unknown>();
  readonly #refused = new WeakMap<object, readonly BaseCommand[]>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Gives the request its id, and writes its line when it is answered. */
  handler({ trustProxy = 0 }: { readonly trustProxy?: number } = {}): RequestHandler {
    return (req: Request, res: Response, next: NextFunction) => {
      const started = performance.now();
      res.setHeader("X-Request-Id", (trustProxy > 0 && idFrom(req)) || newId());
      res.once("close", () => this.#writeLine(req, res, started));
      next();
    };
  }

  /** The same command service, with a line for each command. */
  watched(service: Commands): Commands {
    return {
      executeCommands: async (...commands) => {
        const started = performance.now();
        const results = await service.executeCommands(...commands).catch((error) => {
          this.#writeRefusal(error, commands[0]);
          if (error instanceof Error) this.#refused.set(error, commands);
          throw error;
        });
        for (const [index, result] of results.entries()) {
          const { metadata, class: { type: command } = {} } = commands[index] ?? {};
          const requestId = metadata?.["requestId"];
          this.#log.info({ requestId, command, ...result, ms: since(started) }, "command");
        }
        return results;
      },
    };
  }

  /** Notes the error for the line of the request. */
  noteError(res: Response, error: unknown): void {
    this.#errors.set(res, error);
  }

  /** The commands that were refused, or failed, with this error. */
  commandsBehind(error: unknown): readonly BaseCommand[] {
    return error instanceof Error ? (this.#refused.get(error) ?? []) : [];
  }

  #writeLine(req: Request, res: Response, started: number): void {
    const error = this.#errors.get(res);
    const requestId = requestIdOf(res);
    const line = {
      requestId,
      method: req.method,
      path: pathOf(req),
      status: res.statusCode,
      ms: since(started),
      ...(res.writableFinished ? {} : { cutOff: true }),
    };
    if (res.statusCode >= 500) {
      this.#log.error({ ...line, ...(error ? { err: error } : {}) }, "request");
      return;
    }
    if (this.commandsBehind(error).length === 0) this.#writeRejection(error, { requestId });
    if (checks.includes(line.path)) this.#log.debug(line, "request");
    else this.#log.info(line, "request");
  }

  #writeRefusal(error: unknown, command: BaseCommand | undefined): void {
    const { metadata, commandId, class: { type } = {} } = command ?? {};
    this.#writeRejection(error, { requestId: metadata?.["requestId"], command: type, commandId });
  }

  /** The name of the error, and the ids in it, never typed texts. */
  #writeRejection(error: unknown, of: object): void {
    if (!(error instanceof Error)) return;
    const fields = error instanceof CommandNotValid ? { fields: Object.keys(error.errors).slice(0, 20) } : {};
    this.#log.info(
      { ...of, rejection: error.constructor.name, ...fields, ...identifying(error) },
      "rejected",
    );
  }
}

/** The id of the request that is answered here. */
export function requestIdOf(res: Response | undefined): string {
  return String(res?.getHeader("X-Request-Id") ?? "");
}

function idFrom(req: Request): string | undefined {
  return /^[\w.-]{1,64}$/.exec(req.get("X-Request-Id") ?? "")?.[0];
}

/** Whoever reads the log must not be able to use a link that was mailed. */
const withToken = /^(\/sign-in|\/account\/email|\/unsubscribe)\/.*/is;

function pathOf(req: Request): string {
  const [path = ""] = req.originalUrl.split("?", 1);
  return path
    .replace(withToken, "$1/...")
    .slice(0, 200)
    .replace(/[^\x21-\x7e]/g, encodeURIComponent);
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}

const names = ["commandType", "seenVersion", "actualVersion", "scope", "limit", "origin"];

/** Ids are not typed by people, so they may be logged under any name. */
function identifying(error: Error): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (isUuid(value) || (names.includes(name) && typeof value === "number")) found[name] = value;
    else if (names.includes(name) && typeof value === "string") found[name] = value.slice(0, 200);
  }
  return found;
}
