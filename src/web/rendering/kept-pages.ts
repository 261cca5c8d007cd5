import type { Response } from "express";
import { readsPrimary } from "../own-writes.ts";
import { Answer } from "./answer.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { SharedAsking } from "./shared-asking.ts";

interface KeptPage {
  readonly revision: string;
  readonly answer: Answer;
  readonly length: number;
}

/**
 * Pages as they were sent, so that what has not changed is not rendered again. Each request asks the database which
 * revision there is to show, and a page is sent again only if it shows that one. So it is never old, also where
 * another process wrote.
 *
 * @example
 * const page = kept.page(res, `/posts/${postId}`);
 * if (await page.isSent(() => queriesOf(res).ask({ type: "RevisionOfPost", postId }))) return;
 * const post = await queriesOf(res).ask({ type: "PostById", postId });
 * page.render("posts/show", { post }, post.revision);
 */
export class KeptPages {
  readonly #pages = new BoundedCache<KeptPage>(8_000_000);
  readonly #revisions = new SharedAsking<string | undefined>();

  /** The page at this address, for this request. */
  page(res: Response, address: string) {
    const isPersonal = res.locals["flash"] !== undefined;
    return {
      /** Sends the page that is kept, if there is one and it is the present one. */
      isSent: async (askRevision: () => Promise<string | undefined>): Promise<boolean> => {
        if (isPersonal || !this.#pages.has(address)) return false;
        // A request that reads from the primary must not share the answer of the replica, which may be older.
        const revision = await (readsPrimary(res)
          ? askRevision()
          : this.#revisions.ask(address, askRevision));
        const page = this.#pages.find(address);
        if (page === undefined || page.revision !== revision) return false;
        page.answer.send(res);
        return true;
      },

      /** Renders the page and sends it; without a revision it is not kept. */
      render: (view: string, locals: object, revision: string | undefined): void => {
        res.render(view, locals, (error: Error | null, html = "") => {
          if (error) return res.req.next?.(error);
          const answer = new Answer(html);
          answer.send(res);
          if (isPersonal || revision === undefined) return;
          this.#pages.keep(address, { revision, answer, length: revision.length + answer.length });
        });
      },
    };
  }
}
