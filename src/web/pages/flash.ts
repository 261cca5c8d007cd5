import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type CookieSettings, SignedCookie } from "../signed-cookie.ts";

const minute = 60;

/** A message for the next page that the person sees: `flash(res, "Account created")`. */
export function flash(res: Response, message: string): void {
  (res.locals["flashCookie"] as SignedCookie).write(res, message);
}

/**
 * Puts the message of the page before into `res.locals.flash`, once. It travels in a cookie, so it does not matter
 * which process answers; the cookie is signed, so nobody can put words into our mouth.
 */
export function flashes(settings: CookieSettings): RequestHandler {
  const cookie = new SignedCookie("flash", settings, 5 * minute);
  return (req: Request, res: Response, next: NextFunction) => {
    res.locals["flashCookie"] = cookie;
    if (req.method === "GET" && cookie.isSent(req) && req.accepts("html")) {
      res.locals["flash"] = cookie.read(req);
      cookie.clear(res);
      res.setHeader("Cache-Control", "no-store"); // or the back button would show it again
    }
    next();
  };
}
