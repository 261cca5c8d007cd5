import type { Router } from "express";
import type { KeptPages } from "../rendering/kept-pages.ts";
import { cursorOf, resourceRouter } from "./pages.ts";
import { queriesOf } from "./questions.ts";

const postsOnAPage = 20;

export function homeRoutes({ kept }: { readonly kept: KeptPages }): Router {
  const router = resourceRouter();

  router.get(
    "/",
    kept.route(async (req, res) => {
      const queries = queriesOf(res);
      const after = cursorOf(req);
      const posts = await queries.ask({ type: "PublishedPosts", limit: postsOnAPage, after });
      if (posts.rows.length > 0 || after) return { view: "home", locals: { posts, after } };
      const authors = await queries.ask({ type: "Authors", limit: 1 });
      return { view: "first-run", locals: { author: authors.rows[0] } };
    }),
  );

  return router;
}
