import type { Request, RequestHandler, Response } from "express";
import { StoreUnavailable } from "#sequent/operations";
import type { Questions } from "../projections/queries.ts";
import { type CookieSettings, SignedCookie } from "./signed-cookie.ts";

/** Where commands are stored, if pages are read from a replica of it. */
export interface Primary {
  readonly queries: Questions;
  /** The position up to which it has written. */
  position(): Promise<string>;
  /** Whether the replica shows all that was written up to this position. */
  isReplayed(position: string): Promise<boolean>;
}

/** In seconds. If the replica is further behind, people miss what they wrote. */
const longestDelay = 5 * 60;

/** For a primary that does not answer. No replica ever gets so far, so the cookie works until it expires. */
const unknownPosition = "FFFFFFFF/FFFFFFFF";

/**
 * Lets people see what they have just written, although the replica is late. Forms read from the primary. Their sender gets
 * the position of the primary in a cookie, which every process can read. Until the replica has replayed up to there, the
 * sender's pages read from the primary. Everybody else reads from the replica.
 */
export class OwnWrites {
  readonly #primary: Primary;
  /** It is left to expire. If a page cleared it, it might clear the one that another form has just set. */
  readonly #cookie: SignedCookie;

  constructor(primary: Primary, settings: CookieSettings) {
    this.#primary = primary;
    this.#cookie = new SignedCookie("position", settings, longestDelay);
  }

  /** The same pages twice, on each server. */
  choose(onReplica: RequestHandler, onPrimary: RequestHandler): RequestHandler {
    return async (req, res, next) => {
      const pages = req.method === "POST" || (await this.#isBehind(req)) ? onPrimary : onReplica;
      return pages(req, res, next);
    };
  }

  /** After a form was taken. After a refusal too, because the next page has to show the reason for it. */
  async note(res: Response, error?: unknown): Promise<void> {
    const isAway = error instanceof StoreUnavailable; // then do not wait for it once more
    const position = isAway ? unknownPosition : await this.#primary.position().catch(() => unknownPosition);
    this.#cookie.write(res, position);
  }

  async #isBehind(req: Request): Promise<boolean> {
    const position = this.#cookie.isSent(req) ? this.#cookie.read(req) : undefined;
    return position !== undefined && !(await this.#primary.isReplayed(position).catch(() => false));
  }
}
