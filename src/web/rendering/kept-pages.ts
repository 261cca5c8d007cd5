import type { Request, RequestHandler, Response } from "express";
import type { Questions } from "../../projections/queries.ts";
import type { Answer } from "./answer.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type Page, renderPage } from "./pages.ts";

interface KeptPage {
  readonly state: string;
  readonly answer: Answer;
  readonly length: number;
}

type Route<Params> = (req: Request<Params>, res: Response) => Promise<Page | undefined>;

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

  /** A route that gives its page. Where it sends one by itself, as with a form that has an id of its own, nothing is kept. */
  route<Params = Request["params"]>(give: Route<Params>): RequestHandler<Params> {
    return async (req, res) => {
      const isPersonal = res.locals["flash"] !== undefined;
      const address = addressOf(req);
      // Before the page asks anything: if something changes meanwhile, the page is newer than its state, and not sent again.
      const state = isPersonal ? undefined : await this.#queries.ask({ type: "StateOfDatabase" });
      const kept = this.#pages.find(address);
      if (kept !== undefined && kept.state === state) return kept.answer.send(res);
      const page = await give(req, res);
      if (page === undefined) return;
      renderPage(res, page, (answer) => {
        answer.send(res);
        if (state === undefined) return;
        this.#pages.keep(address, { state, answer, length: state.length + answer.length });
      });
    };
  }
}

/** With the host, which some pages show. */
function addressOf({ protocol, headers, originalUrl }: Request<unknown>): string {
  return `${protocol}://${headers.host}${originalUrl}`;
}
