import { type Request, type RequestHandler, Router } from "express";
import { type Clock, isUuid } from "#sequent/operations";
import type { Questions } from "../../projections/queries.ts";
import { MethodNotAllowed, PageNotFound } from "../errors/http-errors.ts";
import type { Forms, Submission } from "../forms/forms.ts";
import type { Commands } from "../logging/request-log.ts";
import type { KeptPages } from "../rendering/kept-pages.ts";
import type { Rendering } from "../rendering/rendering.ts";

/** The parts that all routes get. */
export interface PageParts {
  readonly commandService: Commands;
  readonly queries: Questions;
  readonly forms: Forms;
  readonly kept: KeptPages;
  readonly rendering: Rendering;
  /** Gives the day of a publication. */
  readonly clock: Clock;
  readonly publicUrl: string | undefined;
}

/** The methods of one address. */
interface Resource<Params> {
  readonly get?: RequestHandler<Params>;
  readonly post?: Submission<Params>;
}

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

type Table<Path extends string> = { readonly [Each in Path]: Resource<ParamsOf<Each>> };

/**
 * The routes of these resources. Each parameter of a path is an id. If it cannot be one, the answer is 404, without a query. For a
 * method that a resource does not have, the answer is 405.
 *
 *     resources(forms, {
 *       "/authors": { get: listAuthors, post: { page: signUp, take: addAuthor } },
 *       "/authors/:authorId": { get: showAuthor },
 *     });
 */
export function resources<const Path extends string>(forms: Forms, table: Table<Path>): Router {
  const router = Router({ caseSensitive: true });
  const paths = Object.keys(table).join("/");
  for (const id of new Set(paths.match(/(?<=:)\w+/g)))
    router.param(id, (_req, _res, next, value) => next(isUuid(value) ? undefined : new PageNotFound()));

  for (const [path, { get, post }] of Object.entries<Resource<never>>(table)) {
    const route = router.route(path);
    if (get) route.get(get);
    if (post) route.post(forms.submitted(path, post));
    const allow = [get && "GET, HEAD", post && "POST"].filter(Boolean).join(", ");
    route.options((_req, res) => void res.set("Allow", allow).end());
    route.all(() => {
      throw new MethodNotAllowed(allow);
    });
  }
  return router;
}

/** The cursor in `?after=`. Several are ignored. */
export function cursorOf({ query }: Request<unknown>): string | undefined {
  const { after } = query;
  return typeof after === "string" && after !== "" ? after : undefined;
}
