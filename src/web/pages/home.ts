import type { Router } from "express";
import { KeptPages } from "../rendering/kept-pages.ts";
import { cursorOf, resourceRouter } from "./pages.ts";
import { queriesOf } from "./questions.ts";

const postsOnAPage = 20;

export function homeRoutes(): Router {
  const router = resourceRouter();
  const kept = new KeptPages();

  router.get("/", async (req, res) => {
    const queries = queriesOf(res);
    const after = cursorOf(req);
    const list = { limit: postsOnAPage, after };
    const page = kept.page(res, `/?after=${after ?? ""}`);
    if (await page.isSent(() => queries.ask({ type: "RevisionOfPublishedPosts", ...list }))) return;
    const posts = await queries.ask({ type: "PublishedPosts", ...list });
    if (posts.rows.length > 0 || after) return page.render("home", { posts, after }, posts.revision);
    const authors = await queries.ask({ type: "Authors", limit: 1 });
    res.render("first-run", { author: authors.rows[0] });
  });

  return router;
}
