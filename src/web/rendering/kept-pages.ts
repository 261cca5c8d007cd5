import type { Request, RequestHandler } from "express";
import type { Questions } from "../../projections/queries.ts";
import type { Answer } from "./answer.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type Page, renderPage } from "./pages.ts";

interface KeptPage {
  readonly state?: string;
  readonly answer?: Answer;
  readonly length: number;
}

/** A page that somebody asked for, and that would be kept if its state was known. */
const unknown: KeptPage = { length: 0 };

type Route<Params> = (req: Request<Params>) => Promise<Page>;

/**
 * Pages as they were sent, so that what has not changed is not rendered again. Each request asks the database for its
 * state, and a page is sent again only while that is the same. So it is never old, whatever it shows and whoever wrote.
 *
 * @example
 * "/authors": {
 *   get: kept.route(async () => {
 *     const authors = await queries.ask({ type: "Authors", limit: 50 });
 *     return { view: "authors/index", locals: { authors } };
 *   }),
 * },
 */
export class KeptPages {
  readonly #queries: Questions;
  readonly #pages = new BoundedCache<KeptPage>(16_000_000);

  /** These are the queries that all of the pages ask. */
  constructor(queries: Questions) {
    this.#queries = queries;
  }

  /** A route that gives its page. */
  route<Params = Request["params"]>(give: Route<Params>): RequestHandler<Params> {
    return async (req, res) => {
      const address = addressOf(req);
      const isPersonal = res.locals["flash"] !== undefined;
      const kept = isPersonal ? undefined : this.#pages.find(address);
      // Before the page asks anything: if something changes meanwhile, the page is newer than its state, and not sent again.
      // Not for the first reader of a page, who may be the only one.
      const state = kept && (await this.#queries.ask({ type: "StateOfDatabase" }));
      if (kept?.answer && kept.state === state) return kept.answer.send(res);
      const page = await give(req);
      const answer = await renderPage(res, page);
      if (!isPersonal && !page.hasForm)
        this.#pages.keep(address, state === undefined ? unknown : { state, answer, length: answer.length });
      await answer.send(res);
    };
  }
}

/** With the host, which some pages show. */
function addressOf({ protocol, headers, originalUrl }: Request<unknown>): string {
  return `${protocol}://${headers.host}${originalUrl}`;
}
