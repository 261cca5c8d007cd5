import type { Request, RequestHandler } from "express";
import type { Questions } from "../../projections/queries.ts";
import { visitorOf } from "../visitor.ts";
import type { Answer } from "./answer.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type Page, renderPage } from "./pages.ts";

interface KeptPage {
  readonly state?: string;
  readonly answer?: Answer;
  readonly length: number;
}

/**
 * A page with one reader so far, whose state is not known yet. It takes as much room as a usual page. So if there are more pages
 * than can be kept, it is forgotten before the second reader comes, and nobody asks for a state in vain.
 */
const unknown: KeptPage = { length: 8_000 };

type Route<Params> = (req: Request<Params>) => Promise<Page>;

/**
 * Keeps rendered pages. Each request asks the database for its state, and a page is sent again only while the state is the same. So
 * a page is never old, whatever it shows.
 *
 * @example
 * "/authors": {
 *   GET: kept.route(async () => {
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

  /** Wraps a route that returns its page. */
  route<Params = Request["params"]>(give: Route<Params>): RequestHandler<Params> {
    return async (req, res) => {
      const address = addressOf(req);
      const isPersonal = res.locals["flash"] !== undefined || visitorOf(req) !== undefined;
      const kept = isPersonal ? undefined : this.#pages.find(address);
      // Ask before the queries of the page. If something changes in between, the page is newer than its state, and is not sent again.
      // Not for the first reader of a page, because there may be no second one.
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

/** Includes the host, because some pages show it. */
function addressOf({ protocol, headers, originalUrl }: Request<unknown>): string {
  return `${protocol}://${headers.host}${originalUrl}`;
}
