import type { Request, RequestHandler, Response } from "express";
import { StoreUnavailable } from "#sequent/operations";
import { type Commands, commandsOf } from "./logging/command-log.ts";
import type { Questions } from "./pages/questions.ts";
import { type CookieSettings, SignedCookie } from "./signed-cookie.ts";

/** Where commands are stored, if pages are read from a replica of it. */
export interface Primary {
  readonly queries: Questions;
  /** The position up to which it has written. */
  position(): Promise<string>;
  /** Whether the replica shows all that was written up to this position. */
  isReplayed(position: string): Promise<boolean>;
}

export interface OwnWritesOptions extends CookieSettings {
  /** Answers everybody else. */
  readonly queries: Questions;
  /** Undefined if `queries` reads from the primary itself. */
  readonly primary?: Primary | undefined;
}

/** In seconds. If the replica is further behind, people miss what they wrote. */
const longestDelay = 5 * 60;

/** For a primary that does not answer. No replica ever gets so far, so the cookie works until it expires. */
const unknownPosition = "FFFFFFFF/FFFFFFFF";

/**
 * Chooses the server that a request reads from, so that people see what they have just written, although the replica is
 * late. Forms read from the primary. Their sender gets the position of the primary in a cookie, which every process can
 * read. Until the replica has replayed up to there, the sender's pages read from the primary. Everybody else reads from
 * the replica.
 */
export function ownWrites({ queries, primary, ...settings }: OwnWritesOptions): RequestHandler {
  if (!primary) return answeredBy(queries);

  // The cookie is left to expire. If a page cleared it, it might clear the one that another form has just set.
  const cookie = new SignedCookie("position", settings, longestDelay);
  const isBehind = async (req: Request): Promise<boolean> => {
    const position = cookie.isSent(req) ? cookie.read(req) : undefined;
    return position !== undefined && !(await primary.isReplayed(position).catch(() => false));
  };
  const notePosition = async (res: Response, error?: unknown): Promise<void> => {
    const isAway = error instanceof StoreUnavailable; // then do not wait for it once more
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

/** Whether this request may see newer data than other requests. */
export function readsPrimary(res: Response): boolean {
  return res.locals["readsPrimary"] === true;
}

function answeredBy(queries: Questions): RequestHandler {
  return (_req, res, next) => {
    res.locals["queries"] = queries;
    next();
  };
}

/** After refused commands too, because the next page has to show the reason for the refusal. */
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
