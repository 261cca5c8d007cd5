import type { NextFunction, Request, RequestHandler, Response } from "express";
import { CrossSiteRequest } from "../errors/http-errors.ts";
import { hostOf } from "./known-host.ts";

const safe = ["GET", "HEAD", "OPTIONS"];

/**
 * Takes forms only from our own pages. Every browser says where a request comes from, and a page cannot forge it;
 * a program that says nothing is not a browser that somebody lured here, so it passes. Needs no token in the form.
 */
export function sameOrigin({ publicUrl }: { readonly publicUrl?: string | undefined } = {}): RequestHandler {
  return (req: Request, _res: Response, next: NextFunction) => {
    if (safe.includes(req.method) || comesFromHere(req, publicUrl)) return next();
    next(new CrossSiteRequest(req.get("Origin")));
  };
}

function comesFromHere(req: Request, publicUrl: string | undefined): boolean {
  const site = req.get("Sec-Fetch-Site");
  // "none" is the person, not a page: the tab that is restored with its form.
  if (site !== undefined) return site === "same-origin" || site === "none";

  // Old browsers, and all of them on plain http.
  const origin = req.get("Origin");
  if (origin === undefined) return true;
  if (publicUrl !== undefined) return origin === publicUrl;
  return URL.canParse(origin) && new URL(origin).host === new URL(`${req.protocol}://${hostOf(req)}`).host;
}
