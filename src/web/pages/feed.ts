import { type Response, Router } from "express";
import { v5 } from "uuid";
import { Answer } from "../rendering/answer.ts";
import { originOf } from "./pages.ts";
import { queriesOf } from "./questions.ts";

const postsInTheFeed = 20;
const postsInTheSitemap = 1_000;

/** What programs read: the feed, and what search engines ask for. */
export function feedRoutes({ publicUrl }: { readonly publicUrl?: string | undefined }): Router {
  const router = Router({ caseSensitive: true });

  router.get("/feed.xml", async (req, res) => {
    const origin = originOf(req, publicUrl);
    const posts = await queriesOf(res).ask({ type: "PublishedPosts", limit: postsInTheFeed });
    const updated = posts.rows.map(({ updated_at }) => updated_at.toISOString()).sort();
    const feed = { id: v5(`${origin}/`, v5.URL), updated: updated.at(-1) ?? neverUpdated };
    renderXml(res, "atom+xml", "feed", { origin, feed, posts: posts.rows, xml });
  });

  router.get("/sitemap.xml", async (req, res) => {
    const posts = await queriesOf(res).ask({ type: "PublishedPosts", limit: postsInTheSitemap });
    renderXml(res, "xml", "sitemap", { origin: originOf(req, publicUrl), posts: posts.rows });
  });

  router.get("/robots.txt", (req, res) => {
    const sitemap = `Sitemap: ${originOf(req, publicUrl)}/sitemap.xml`;
    res
      .type("text")
      .send(["User-agent: *", "Disallow: /*/edit", "Disallow: /*/history", "", sitemap, ""].join("\n"));
  });

  return router;
}

/** A feed must say when it was updated, also before anything was. */
const neverUpdated = "1970-01-01T00:00:00.000Z";

function renderXml(res: Response, subtype: string, view: string, locals: object): void {
  res.render(view, locals, (error: Error | null, text = "") => {
    if (error) return res.req.next?.(error);
    new Answer(text, `application/${subtype}; charset=utf-8`).send(res);
  });
}

/** XML knows no way to write these two; everything else is escaped by the template. */
function xml(text: string): string {
  return text.replace(/[\uFFFE\uFFFF]/g, "");
}
