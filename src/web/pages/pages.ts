import type { Express, NextFunction, Request, Response } from "express";
import { longDate } from "#sequent";
import { hostOf } from "../guards/known-host.ts";
import { site } from "../site.ts";

interface PagesParts {
  readonly publicUrl: string | undefined;
  readonly excerptOf: (text: string) => string;
}

/** Values for all templates, and headers of all pages. */
export function pages(app: Express, { publicUrl, excerptOf }: PagesParts) {
  Object.assign(app.locals, { site, publicUrl, longDate, longTime, excerptOf });
  return (_req: Request, res: Response, next: NextFunction): void => {
    res.set("Cache-Control", "no-cache"); // browsers keep the page, but ask each time whether its ETag has changed
    res.vary("Cookie"); // somebody who is signed in gets another page
    next();
  };
}

/** The address of the blog, for absolute links. */
export function originOf(req: Request<unknown>, publicUrl: string | undefined): string {
  return publicUrl?.replace(/\/+$/, "") ?? `${req.protocol}://${hostOf(req)}`;
}

/** "20 November 2026 at 14:05 UTC", or "20 November 2026 at 15:05 (Europe/Berlin)" */
function longTime(instant: Date, timeZone = "UTC"): string {
  const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone });
  return `${time.format(instant)} ${timeZone === "UTC" ? "UTC" : `(${timeZone})`}`;
}
