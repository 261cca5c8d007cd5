import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { type Document, parse } from "./markdown.ts";

/** The pages of a project in Markdown, and the files that they link to. All paths begin at the root of the project. */
export interface Project {
  readonly root: string;
  readonly documents: ReadonlyMap<string, Document>;
  readonly sources: ReadonlySet<string>;
  readonly pictures: ReadonlySet<string>;
}

/** Reads README, ARCHITECTURE, CHANGELOG and `docs`, and follows their links. No other file is shown. */
export function readProject(root: string): Project {
  const documents = new Map<string, Document>();
  const sources = new Set<string>();
  const pictures = new Set<string>();
  const todo = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...pagesIn(root, "docs")];
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    if (documents.has(path) || !existsSync(join(root, path))) continue;
    const document = parse(readFileSync(join(root, path), "utf8"));
    documents.set(path, document);
    for (const link of document.links) {
      const file = fileOf(root, path, link);
      if (file === undefined) continue;
      if (file.endsWith(".md")) todo.push(file);
      else (isPicture(file) ? pictures : sources).add(file);
    }
  }
  return { root, documents, sources, pictures };
}

/** The file that a link of a page leads to. A folder stands for its README. */
export function fileOf(root: string, page: string, link: string): string | undefined {
  const path = pathOf(page, link);
  if (isElsewhere(link) || link.startsWith("/") || path.startsWith("..")) return undefined;
  return [path, posix.join(path, "README.md")].find((each) =>
    statSync(join(root, each), { throwIfNoEntry: false })?.isFile(),
  );
}

/** A folder without a README is no page. */
export function isFolder(root: string, page: string, link: string): boolean {
  return statSync(join(root, pathOf(page, link)), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function pathOf(page: string, link: string): string {
  const [target = ""] = link.split("#");
  return target === "" ? page : posix.join(posix.dirname(page), decodeURI(target)).replace(/\/$/, "");
}

export function isElsewhere(link: string): boolean {
  return /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link);
}

/** Where a file stands on the site. Names that begin with a dot lose it, because hosts hide them. */
export function addressOf(path: string): string {
  if (isPicture(path)) return path;
  const page = path.replace(/(^|\/)README\.md$/, "$1index").replace(/\.md$/, "");
  return `${page.replaceAll(/(^|\/)\./g, "$1")}.html`;
}

/** From one address to another, so that the site works in any folder. */
export function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}

function isPicture(path: string): boolean {
  return /\.(png|jpe?g|gif|webp|svg)$/.test(path);
}

function pagesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .map((path) => `${folder}/${path.replaceAll(sep, "/")}`)
    .filter((path) => path.endsWith(".md"))
    .sort();
}
