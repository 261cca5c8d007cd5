import type { Request, RequestHandler, Response } from "express";
import { type CookieSettings, SignedCookie } from "../signed-cookie.ts";

const fiveMinutes = 5 * 60;

/**
 * Messages for the next page that a person sees, such as "Account created". They travel in a cookie, so it does not matter
 * which process answers. The cookie is signed, so nobody else can write a message.
 */
export class Flashes {
  readonly #cookie: SignedCookie;

  constructor(settings: CookieSettings) {
    this.#cookie = new SignedCookie("flash", settings, fiveMinutes);
  }

  write(res: Response, message: string): void {
    this.#cookie.write(res, message);
  }

  /** Passes the message to the template as `flash`, once. */
  readonly handler: RequestHandler = (req: Request, res: Response, next) => {
    if (req.method === "GET" && this.#cookie.isSent(req) && req.accepts("html")) {
      res.locals["flash"] = this.#cookie.read(req);
      this.#cookie.clear(res);
      res.setHeader("Cache-Control", "private, no-store"); // or the back button would show it again
    }
    next();
  };
}
