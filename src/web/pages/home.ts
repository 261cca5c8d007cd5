import type { Router } from "express";
import { cursorOf, type PageParts, resources } from "./resources.ts";

const postsOnAPage = 20;

export function homeRoutes({ queries, forms, kept }: PageParts): Router {
  return resources(forms, {
    "/": {
      GET: kept.route(async (req) => {
        const after = cursorOf(req);
        const posts = await queries.ask({ type: "PublishedPosts", limit: postsOnAPage, after });
        if (posts.rows.length > 0 || after) return { view: "home", locals: { posts, after } };
        const authors = await queries.ask({ type: "Authors", limit: 1 });
        return { view: "first-run", locals: { author: authors.rows[0] } };
      }),
    },
  });
}
