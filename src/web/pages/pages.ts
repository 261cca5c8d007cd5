import { type Express, type NextFunction, type Request, type Response, Router } from "express";
import { longDate } from "#sequent";
import { isUuid } from "#sequent/operations";
import { PageNotFound } from "../errors/http-errors.ts";
import { hostOf } from "../guards/known-host.ts";
import { excerptOf } from "../rendering/markdown.ts";
import { longTime } from "./dates.ts";

/** What every template can use, and what every page has in common. */
export function pages(app: Express, { publicUrl }: { readonly publicUrl?: string | undefined }) {
  Object.assign(app.locals, {
    siteName,
    siteDescription,
    publicUrl,
    longDate,
    longTime,
    excerptOf,
  });
  return (_req: Request, res: Response, next: NextFunction): void => {
    res.set("Cache-Control", "no-cache"); // kept, but asked for again: the ETag says whether it changed
    next();
  };
}

export const siteName = "Sequent Blog";
export const siteDescription = "Notes, essays and stories from people who like to write.";

/** A router that answers 404, without a query, where an id in the path cannot be one. */
export function resourceRouter(...ids: readonly string[]): Router {
  const router = Router({ caseSensitive: true });
  for (const id of ids) {
    router.param(id, (_req, _res, next, value) => next(isUuid(value) ? undefined : new PageNotFound()));
  }
  return router;
}

/** The cursor in `?after=`, where there is one; of several there is none. */
export function cursorOf({ query }: Request): string | undefined {
  const { after } = query;
  return typeof after === "string" && after !== "" ? after : undefined;
}

/** Where the blog is found, for links that must be absolute. */
export function originOf(req: Request, publicUrl: string | undefined): string {
  return publicUrl?.replace(/\/+$/, "") ?? `${req.protocol}://${hostOf(req)}`;
}
