import type { CookieOptions, Request, Response } from "express";
import { cookieOf } from "../signed-cookie.ts";
import { isToken } from "./tokens.ts";

/** The database ends a session earlier if it is not used. */
const ninetyDays = 90 * 24 * 60 * 60 * 1_000;

/** The token of a session. It is random, so it needs no signature. */
export class SessionCookie {
  readonly #name: string;
  readonly #options: CookieOptions;

  constructor({ publicUrl }: { readonly publicUrl?: string | undefined }) {
    const secure = publicUrl?.startsWith("https:") ?? false;
    this.#name = secure ? "__Host-session" : "session";
    this.#options = { httpOnly: true, sameSite: "lax", secure, path: "/" };
  }

  /** Undefined if there is no such cookie, if there are several, or if it cannot be one of ours. */
  read(req: Request<unknown>): string | undefined {
    const token = cookieOf(req, this.#name);
    return isToken(token) ? token : undefined;
  }

  write(res: Response, token: string): void {
    res.cookie(this.#name, token, { ...this.#options, maxAge: ninetyDays });
    res.set("Cache-Control", "private, no-store");
  }

  clear(res: Response): void {
    res.clearCookie(this.#name, this.#options);
  }
}
