import type { Request, RequestHandler, Response } from "express";
import { StoreUnavailable } from "#sequent/operations";
import type { Questions } from "../projections/queries.ts";
import { type CookieSettings, SignedCookie } from "./signed-cookie.ts";

/** The server where commands are stored, if pages read from its replica. */
export interface Primary {
  readonly queries: Questions;
  /** The present position of its write-ahead log. */
  position(): Promise<string>;
  /** True if the replica has replayed everything up to this position. */
  isReplayed(position: string): Promise<boolean>;
}

/** In seconds. If the replica is later than this, people miss their own changes. */
const longestDelay = 5 * 60;

/** Used if the primary does not answer. No replica ever reaches it, so the cookie works until it expires. */
const unknownPosition = "FFFFFFFF/FFFFFFFF";

/**
 * Shows people their own changes, even if the replica is late. Forms read from the primary. The sender of a form gets the
 * position of the primary in a cookie, which every process can read. Until the replica has reached this position, the pages of
 * the sender read from the primary. Everybody else reads from the replica.
 */
export class OwnWrites {
  readonly #primary: Primary;
  /** No page clears this cookie: it might clear the cookie that another form has just set. So it expires. */
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

  /** Called after a form, even after a refusal, because the next page has to show the reason. */
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
