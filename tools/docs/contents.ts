import { fileOf, type Project } from "./project.ts";

/** A page, as the list of pages calls it. */
export interface Entry {
  readonly path: string;
  readonly label: string;
  readonly group: string;
}

const list = "docs/README.md";
const first = ["README.md", list];
const isOfTutorial = (path: string) => path.startsWith("docs/tutorial/");

/**
 * All pages in the order in which one reads them: the two READMEs, the tutorial by the numbers of its chapters, and the others as
 * `docs/README.md` lists them. A page that it does not list comes last in the group of its folder.
 */
export function contentsOf(project: Project): Entry[] {
  const { documents } = project;
  const listed = new Map(listedPages(project).map((entry) => [entry.path, entry]));
  const pages = [...documents.keys()].filter((path) => /^(docs\/|[^/]+$)/.test(path)).sort(byNumbers);
  const order = new Set([...first, ...pages.filter(isOfTutorial), ...listed.keys(), ...pages]);
  const entries = [...order]
    .filter((path) => documents.has(path))
    .map((path) => {
      const entry = {
        path,
        label: path === "README.md" ? "Introduction" : (documents.get(path)?.title ?? path),
        group: groupOf(path),
      };
      return first.includes(path) || isOfTutorial(path) ? entry : { ...entry, ...listed.get(path) };
    });
  const groups = [...new Set(entries.map(({ group }) => group))];
  return groups.flatMap((group) => entries.filter((entry) => entry.group === group));
}

/** The links of `docs/README.md`, in groups that begin with a heading, or with a line such as "Running it:". */
function listedPages({ root, documents }: Project): Entry[] {
  const entries: Entry[] = [];
  let group: string | undefined;
  for (const [at, { type, level, content, children }] of (documents.get(list)?.tokens ?? []).entries()) {
    if (type !== "inline") continue;
    const before = documents.get(list)?.tokens[at - 1];
    if (before?.tag === "h2") group = content;
    if (before?.tag === "p" && level === 1 && content.endsWith(":")) group = content.slice(0, -1);
    for (const [place, child] of (children ?? []).entries()) {
      const path = fileOf(root, list, String(child.attrGet("href") ?? ""));
      if (child.type !== "link_open" || !path) continue;
      const rest = (children ?? []).slice(place + 1);
      const words = rest.slice(
        0,
        rest.findIndex((each) => each.type === "link_close"),
      );
      const label = words.map((each) => each.content).join("");
      entries.push({ path, label, group: group ?? groupOf(path) });
    }
  }
  const last = new Map(entries.map((entry) => [entry.path, entry])); // a page may be mentioned before, as the first to read
  return entries.filter((entry) => last.get(entry.path) === entry);
}

function groupOf(path: string): string {
  if (first.includes(path)) return "Overview";
  const folder = /^docs\/([^/]+)\//.exec(path)?.[1] ?? "more";
  return folder.slice(0, 1).toUpperCase() + folder.slice(1).replaceAll("-", " ");
}

function byNumbers(one: string, other: string): number {
  const [a = "", b = ""] = [one, other].map((path) => path.replace(/README\.md$/, ""));
  return a.localeCompare(b, "en", { numeric: true });
}
