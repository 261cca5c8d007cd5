import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Express, Router } from "express";
import { Answer } from "./answer.ts";

const { resolve } = createRequire(import.meta.url);
const own = (name: string) => fileURLToPath(new URL(`../../../public/${name}`, import.meta.url));

// One stylesheet. With two, a browser would load images of the first one that the second one removes.
export const assets = {
  "blog.css": {
    paths: [resolve("@picocss/pico/css/pico.classless.min.css"), own("blog.css")],
    type: "text/css; charset=utf-8",
  },
  "favicon.svg": { paths: [own("favicon.svg")], type: "image/svg+xml" },
};

/** Static files, named by a hash of their content. Browsers may keep them for ever, because a changed file has another name. */
export function assetRoutes(app: Express): Router {
  const router = Router();
  const urls: Record<string, string> = {};
  for (const [name, { paths, type }] of Object.entries(assets)) {
    const content = Buffer.concat(paths.map((path) => readFileSync(path)));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
    const url = `/assets/${basename(name, extname(name))}.${hash}${extname(name)}`;
    urls[name] = url;
    const answer = new Answer(content, type);
    router.get(url, async (_req, res) => {
      res.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      await answer.send(res);
    });
  }
  app.locals["asset"] = (name: string): string => {
    const url = urls[name];
    if (url === undefined) throw new TypeError(`There is no asset ${name}.`);
    return url;
  };
  return router;
}
