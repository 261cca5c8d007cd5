import type { Request, RequestHandler, Response } from "express";
import { StoreUnavailable } from "../framework/index.ts";
import { type Commands, commandsOf } from "./command-log.ts";
import type { Questions } from "./questions.ts";
import { type CookieSettings, SignedCookie } from "./signed-cookie.ts";

/** Where commands are stored, if pages are read from a replica of it. */
export interface Primary {
  readonly queries: Questions;
  /** How far it has written. */
  position(): Promise<string>;
  /** Whether the replica shows all that was written up to this position. */
  isReplayed(position: string): Promise<boolean>;
}

export interface OwnWritesOptions extends CookieSettings {
  /** Who answers everybody else. */
  readonly queries: Questions;
  /** Undefined where `queries` are answered by the primary itself. */
  readonly primary?: Primary | undefined;
}

/** A replica that is further behind shows people the blog without what they wrote. */
const longestDelay = 5 * 60;

/** Of a primary that does not say where it is. Nothing is ever replayed up to here: the cookie lasts until it expires. */
const unknownPosition = "FFFFFFFF/FFFFFFFF";

/**
 * Chooses who answers a request's questions, so that people see what they have just written though a replica shows it
 * later. Forms read from the primary. Their sender gets its position in a cookie, which every process can read, and
 * pages come from the primary until the replica has replayed that. Everybody else reads from the replica.
 */
export function ownWrites({ queries, primary, ...settings }: OwnWritesOptions): RequestHandler {
  if (!primary) return answeredBy(queries);

  // It is left to expire: a page on its way would also clear the one that the next form has set meanwhile.
  const cookie = new SignedCookie("position", settings, longestDelay);
  const isBehind = async (req: Request): Promise<boolean> => {
    const position = cookie.isSent(req) ? cookie.read(req) : undefined;
    return position !== undefined && !(await primary.isReplayed(position).catch(() => false));
  };
  const notePosition = async (res: Response, error?: unknown): Promise<void> => {
    const isAway = error instanceof StoreUnavailable; // and would only keep the form waiting once more
    cookie.write(res, isAway ? unknownPosition : await primary.position().catch(() => unknownPosition));
  };

  return async (req, res, next) => {
    const isForm = req.method === "POST";
    if (isForm) res.locals["commands"] = whenDone(commandsOf(res), (error) => notePosition(res, error));
    const readsPrimary = isForm || (await isBehind(req));
    res.locals["readsPrimary"] = readsPrimary;
    res.locals["queries"] = readsPrimary ? primary.queries : queries;
    next();
  };
}

/** Whether what this request is shown may be newer than what others are shown. */
export function readsPrimary(res: Response): boolean {
  return res.locals["readsPrimary"] === true;
}

function answeredBy(queries: Questions): RequestHandler {
  return (_req, res, next) => {
    res.locals["queries"] = queries;
    next();
  };
}

/** After refused commands too, for the next page has to show what they were refused for. */
function whenDone(commands: Commands, note: (error?: unknown) => Promise<void>): Commands {
  return {
    async executeCommands(...all) {
      try {
        const results = await commands.executeCommands(...all);
        await note();
        return results;
      } catch (error) {
        await note(error);
        throw error;
      }
    },
  };
}
