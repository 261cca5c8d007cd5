import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Express, Router } from "express";

const { resolve } = createRequire(import.meta.url);
const own = (name: string) => fileURLToPath(new URL(`../../public/${name}`, import.meta.url));

const files: Record<string, string> = {
  "pico.css": resolve("@picocss/pico/css/pico.classless.min.css"),
  "blog.css": own("blog.css"),
  "favicon.svg": own("favicon.svg"),
};

/** Static files, named by what is in them: they can be kept for ever, and a changed one has another name. */
export function assetRoutes(app: Express): Router {
  const router = Router();
  const urls: Record<string, string> = {};
  for (const [name, path] of Object.entries(files)) {
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 12);
    const url = `/assets/${basename(name, extname(name))}.${hash}${extname(name)}`;
    urls[name] = url;
    router.get(url, (_req, res) => res.sendFile(path, { immutable: true, maxAge: "1y" }));
  }
  app.locals["asset"] = (name: string): string => {
    const url = urls[name];
    if (url === undefined) throw new TypeError(`There is no asset ${name}.`);
    return url;
  };
  return router;
}
