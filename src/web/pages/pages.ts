import type { Express, NextFunction, Request, Response } from "express";
import { longDate } from "#sequent";
import { hostOf } from "../guards/known-host.ts";

export interface PagesParts {
  readonly publicUrl: string | undefined;
  readonly excerptOf: (text: string) => string;
}

/** What every template can use, and what every page has in common. */
export function pages(app: Express, { publicUrl, excerptOf }: PagesParts) {
  const siteName = "Sequent Blog";
  const siteDescription = "Notes, essays and stories from people who like to write.";
  Object.assign(app.locals, { siteName, siteDescription, publicUrl, longDate, longTime, excerptOf });
  return (_req: Request, res: Response, next: NextFunction): void => {
    res.set("Cache-Control", "no-cache"); // kept, but asked for again: the ETag says whether it changed
    next();
  };
}

/** Where the blog is found, for links that must be absolute. */
export function originOf(req: Request<unknown>, publicUrl: string | undefined): string {
  return publicUrl?.replace(/\/+$/, "") ?? `${req.protocol}://${hostOf(req)}`;
}

const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** "20 November 2026 at 14:05 UTC" */
function longTime(instant: Date): string {
  return `${time.format(instant)} UTC`;
}
