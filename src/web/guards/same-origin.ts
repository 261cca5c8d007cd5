import type { NextFunction, Request, RequestHandler, Response } from "express";
import { CrossSiteRequest } from "../errors/http-errors.ts";
import { hostOf } from "./known-host.ts";

const safe = ["GET", "HEAD", "OPTIONS"];

/**
 * Accepts forms only from pages of this blog. Every browser sends the origin of a request, and a page cannot forge it. A program that
 * sends no origin is not a browser, so it passes. The form needs no token.
 */
export function sameOrigin({ publicUrl }: { readonly publicUrl?: string | undefined } = {}): RequestHandler {
  return (req: Request, _res: Response, next: NextFunction) => {
    if (safe.includes(req.method) || comesFromHere(req, publicUrl)) return next();
    next(new CrossSiteRequest(req.get("Origin")));
  };
}

function comesFromHere(req: Request, publicUrl: string | undefined): boolean {
  const site = req.get("Sec-Fetch-Site");
  // "none" means the person, not a page: for example, a tab that is restored with its form.
  if (site !== undefined) return site === "same-origin" || site === "none";

  // Old browsers, and all browsers on plain http.
  const origin = req.get("Origin");
  if (origin === undefined) return true;
  if (publicUrl !== undefined) return origin === publicUrl;
  return URL.canParse(origin) && new URL(origin).host === new URL(`${req.protocol}://${hostOf(req)}`).host;
}
