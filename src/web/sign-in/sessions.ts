import type { Request, RequestHandler, Response } from "express";
import type { Visitor } from "../visitor.ts";
import { browserIn } from "./browser.ts";
import { SessionCookie } from "./session-cookie.ts";
import type { FoundSession, SessionStore } from "./store.ts";
import { hashOf, newToken } from "./tokens.ts";

/** Knows who sent a request, by the cookie of their session. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #cookie: SessionCookie;

  constructor(store: SessionStore, settings: { readonly publicUrl?: string | undefined }) {
    this.#store = store;
    this.#cookie = new SessionCookie(settings);
  }

  /** Finds the visitor. Their pages are for them alone. */
  readonly handler: RequestHandler = async (req, res, next) => {
    const hash = this.hashIn(req);
    const session = hash && (await this.#store.findSession(hash));
    if (session) {
      res.locals["visitor"] = visitorOfSession(session);
      res.set("Cache-Control", "private, no-store");
    }
    next();
  };

  /** Begins a session for an account that was just made by this command. Returns false if that was longer ago. */
  async begin(req: Request<unknown>, accountId: string, commandId: string): Promise<boolean> {
    const token = newToken();
    const hasBegun = await this.#store.beginSession({
      tokenHash: hashOf(token),
      accountId,
      isProven: false,
      browser: browserOf(req),
      commandId,
      replaced: this.hashIn(req),
    });
    if (hasBegun) this.give(responseTo(req), token);
    return hasBegun;
  }

  /** Gives this browser the token of a session. */
  give(res: Response, token: string): void {
    this.#cookie.write(res, token);
  }

  async end(req: Request<unknown>): Promise<void> {
    const hash = this.hashIn(req);
    if (hash) await this.#store.endSession(hash);
    this.#cookie.clear(responseTo(req));
  }

  /** The hash of the token in the cookie. */
  hashIn(req: Request<unknown>): Buffer | undefined {
    const token = this.#cookie.read(req);
    return token === undefined ? undefined : hashOf(token);
  }
}

export function browserOf({ headers }: Request<unknown>): string {
  return browserIn(headers["user-agent"]);
}

export function responseTo({ res }: Request<unknown>): Response {
  if (!res) throw new TypeError("A request has no response yet.");
  return res;
}

function visitorOfSession(session: FoundSession): Visitor {
  return {
    id: session.account_id,
    name: session.name,
    email: session.email,
    isConfirmed: session.is_confirmed,
    sessionId: session.id,
    isRecent: session.is_recent,
  };
}
