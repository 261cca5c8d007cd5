import { type Request, Router } from "express";
import { sendPage } from "../rendering/pages.ts";
import { cursorOf, type PageParts, resources } from "./resources.ts";

const longest = 200;

/** The page of the search. It is never kept: the state of the database does not tell what another program would answer. */
export function searchRoutes({ search, queries, forms }: PageParts): Router {
  if (!search) return Router();

  /** The service may know posts that nobody may read here any more, so this program has the last word. */
  const find = async (words: string, after: string | undefined) => {
    const found = await search.find(words, after);
    if (!found) return { status: 503 };
    const postIds = found.hits.map(({ id }) => id);
    const posts = await queries.ask({ type: "PublishedPostsById", postIds });
    const results = found.hits.flatMap(({ id, excerpt }) =>
      posts.filter(({ aggregate_id }) => aggregate_id === id).map((post) => ({ post, excerpt })),
    );
    const count = found.count - (found.hits.length - results.length);
    return { status: 200, results, count, next: found.next };
  };

  return resources(forms, {
    "/search": {
      async GET(req, res) {
        const [words, after] = [wordsIn(req), cursorOf(req)];
        const isTooLong = words.length > longest;
        const page = words === "" || isTooLong ? { status: isTooLong ? 422 : 200 } : await find(words, after);
        res.status(page.status);
        if (page.status === 503) res.set({ "Cache-Control": "private, no-store", "Retry-After": "30" });
        await sendPage(res, "search", { words, after, longest, ...page });
      },
    },
  });
}

/** Those in `?q=`. Several are none. */
function wordsIn({ query }: Request<unknown>): string {
  return typeof query["q"] === "string" ? query["q"].trim() : "";
}
