import { type Request, type RequestHandler, Router } from "express";
import { type Clock, isUuid } from "#sequent/operations";
import type { Questions } from "../../projections/queries.ts";
import type { SearchService } from "../../search/search-service.ts";
import { MethodNotAllowed, PageNotFound } from "../errors/http-errors.ts";
import type { Forms, Submission } from "../forms/forms.ts";
import type { Commands } from "../logging/request-log.ts";
import type { KeptPages } from "../rendering/kept-pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import type { SignIn } from "../sign-in/sign-in.ts";

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
  /** Takes the personal values of a closed account out of the past. False if the person who runs the blog has to do it. */
  readonly finishErasure: (accountId: string) => Promise<boolean>;
  /** Undefined if there is no search. */
  readonly search?: SearchService | undefined;
  /** Undefined if nobody can sign in here. */
  readonly signIn?: SignIn | undefined;
}

/** Gives the routes of some pages. */
export type PageRoutes = (parts: PageParts) => Router;

/** The methods of one address. */
interface Resource<Params> {
  readonly GET?: RequestHandler<Params>;
  readonly POST?: Submission<Params>;
}

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

type Table<Path extends string> = { readonly [Each in Path]: Resource<ParamsOf<Each>> };

/**
 * The routes of these resources. Each parameter of a path is an id, except `:token`. If it cannot be one, the answer is 404, without
 * a query. For a method that a resource does not have, the answer is 405.
 *
 *     resources(forms, {
 *       "/authors": { GET: listAuthors, POST: { page: signUp, take: addAuthor } },
 *       "/authors/:authorId": { GET: showAuthor },
 *     });
 */
export function resources<const Path extends string>(forms: Forms, table: Table<Path>): Router {
  const router = Router({ caseSensitive: true });
  const paths = Object.keys(table).join("/");
  const parameters = new Set(paths.match(/(?<=:)\w+/g));
  parameters.delete("token");
  for (const id of parameters)
    router.param(id, (_req, _res, next, value) => next(isUuid(value) ? undefined : new PageNotFound()));

  for (const [path, { GET, POST }] of Object.entries<Resource<never>>(table)) {
    const route = router.route(path);
    if (GET) route.get(GET);
    if (POST) route.post(forms.submitted(path, POST));
    const allow = [GET && "GET, HEAD", POST && "POST"].filter(Boolean).join(", ");
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
