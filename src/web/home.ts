import type { Router } from "express";
import type { AppOptions } from "./app.ts";
import { cursorOf, resourceRouter } from "./pages.ts";

const postsOnAPage = 10;

export function homeRoutes({ queries }: AppOptions): Router {
  const router = resourceRouter();

  router.get("/", async (req, res) => {
    const after = cursorOf(req);
    const posts = await queries.ask({ type: "PublishedPosts", limit: postsOnAPage, after });
    if (posts.rows.length > 0 || after !== undefined) return res.render("home", { posts, after });
    const authors = await queries.ask({ type: "Authors", limit: 1 });
    res.render("first-run", { author: authors.rows[0] });
  });

  return router;
}
