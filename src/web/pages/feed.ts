import type { Router } from "express";
import { v5 } from "uuid";
import { originOf } from "./pages.ts";
import { type PageParts, resources } from "./resources.ts";

const postsInTheFeed = 20;
const postsInTheSitemap = 1_000;

/** Pages for programs: the feed, and the files that search engines ask for. */
export function feedRoutes({ queries, forms, kept, publicUrl }: PageParts): Router {
  return resources(forms, {
    "/feed.xml": {
      GET: kept.route(async (req) => {
        const origin = originOf(req, publicUrl);
        const posts = await queries.ask({ type: "PublishedPosts", limit: postsInTheFeed });
        const updated = posts.rows.map(({ updated_at }) => updated_at.toISOString()).sort();
        const feed = { id: v5(`${origin}/`, v5.URL), updated: updated.at(-1) ?? neverUpdated };
        const locals = { origin, feed, posts: posts.rows, xml };
        return { view: "feed", locals, type: "application/atom+xml; charset=utf-8" };
      }),
    },

    "/sitemap.xml": {
      GET: kept.route(async (req) => {
        const posts = await queries.ask({ type: "PublishedPosts", limit: postsInTheSitemap });
        const locals = { origin: originOf(req, publicUrl), posts: posts.rows };
        return { view: "sitemap", locals, type: "application/xml; charset=utf-8" };
      }),
    },

    "/robots.txt": {
      GET(req, res) {
        const sitemap = `Sitemap: ${originOf(req, publicUrl)}/sitemap.xml`;
        res
          .type("text")
          .send(["User-agent: *", "Disallow: /*/edit", "Disallow: /*/history", "", sitemap, ""].join("\n"));
      },
    },
  });
}

/** A feed must have a time of its last update, even if there is none yet. */
const neverUpdated = "1970-01-01T00:00:00.000Z";

/** XML cannot contain these two characters. The template escapes all others. */
function xml(text: string): string {
  return text.replace(/[\uFFFE\uFFFF]/g, "");
}
