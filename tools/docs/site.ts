import { readFileSync } from "node:fs";
import { join } from "node:path";
import ejs from "ejs";
import { assets } from "../../src/web/rendering/assets.ts";
import { escapeHtml } from "../../src/web/rendering/templates.ts";
import { site } from "../../src/web/site.ts";
import { contentsOf, type Entry } from "./contents.ts";
import { highlighted } from "./highlight.ts";
import { render, type Section } from "./markdown.ts";
import { addressOf, fileOf, isElsewhere, isFolder, type Project, readProject, relative } from "./project.ts";
import { searchIndex } from "./search-index.ts";

/** What is answered at each address. It is made when it is asked for. */
export type Files = ReadonlyMap<string, () => string | Buffer>;

const own = (name: string) => join(import.meta.dirname, name);
const read = (...paths: readonly string[]) => Buffer.concat(paths.map((path) => readFileSync(path)));

interface Page {
  readonly path: string;
  readonly address: string;
  readonly title: string;
  readonly html: string;
  readonly sections?: readonly Section[];
}

export function filesOf(root: string): Files {
  const project = readProject(root);
  const layout = new Layout(project);
  const files = new Map<string, () => string | Buffer>();
  for (const path of project.documents.keys())
    files.set(addressOf(path), () => layout.page(documentPage(project, path)));
  for (const path of project.sources)
    files.set(addressOf(path), () => layout.page(sourcePage(project, path)));
  for (const path of project.pictures) files.set(addressOf(path), () => read(join(root, path)));
  files.set("assets/docs.css", () => read(...assets["blog.css"].paths, own("browser/docs.css")));
  files.set("assets/docs.js", script);
  files.set("assets/favicon.svg", () => read(...assets["favicon.svg"].paths));
  files.set("assets/search-index.js", () => searchIndex(project));
  return files;
}

/** Modules in one script, because a page that was opened from a folder may not load modules. */
function script(): string {
  const modules = String(read(own("browser/search.js"), own("browser/docs.js")));
  return `{\n${modules.replaceAll(/^import .*\n|^export /gm, "")}}\n`;
}

function documentPage({ root, documents }: Project, path: string): Page {
  const document = documents.get(path);
  if (!document) throw new TypeError(`There is no page ${path}.`);
  const address = addressOf(path);
  const html = render(document, (link) => {
    if (isElsewhere(link) || link.startsWith("#")) return link;
    const [, fragment = ""] = link.split("#");
    const file = fileOf(root, path, link);
    if (file === undefined) return isFolder(root, path, link) ? undefined : link;
    return relative(address, addressOf(file)) + (fragment && `#${fragment}`);
  });
  return { path, address, title: document.title ?? path, html, sections: document.sections };
}

/** A file with numbers of lines, which links may name: `#L12`. */
function sourcePage({ root }: Project, path: string): Page {
  const text = readFileSync(join(root, path), "utf8").replace(/\n$/, "");
  const language = /[^./]+$/.exec(path)?.[0] ?? "";
  const numbers = text
    .split("\n")
    .map((_, index) => `<a id="L${index + 1}" href="#L${index + 1}">${index + 1}</a>`);
  const html = `<h1 class="path">${escapeHtml(path)}</h1>
<div class="code source"><div class="numbers">${numbers.join("\n")}</div><pre tabindex="0"><code>${highlighted(text, language)}</code></pre></div>`;
  return { path, address: addressOf(path), title: path, html };
}

class Layout {
  readonly #entries: readonly Entry[];
  readonly #template = ejs.compile(readFileSync(own("page.ejs"), "utf8"), { escape: escapeHtml });

  constructor(project: Project) {
    this.#entries = contentsOf(project);
  }

  page({ path, address, title, html, sections = [] }: Page): string {
    const to = (target: string) => relative(address, target);
    const links = this.#entries.map((entry) => ({ ...entry, href: to(addressOf(entry.path)) }));
    const at = links.findIndex((link) => link.path === path);
    return this.#template({
      site,
      path,
      html,
      fullTitle: title === site.name ? title : `${title} · ${site.name}`,
      groups: [...new Set(links.map(({ group }) => group))].map((group) => ({
        title: group,
        pages: links.filter((link) => link.group === group),
      })),
      sections: sections.filter(({ level }) => level === 2 || level === 3),
      previous: links[at - 1],
      next: at === -1 ? undefined : links[at + 1],
      to,
    });
  }
}
