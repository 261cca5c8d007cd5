import { posix } from "node:path";
import { isElsewhere } from "./project.ts";
import type { Files } from "./site.ts";

/** The links and pictures of all pages that lead nowhere, and those whose anchor is missing: "docs/a.html: b.html#c". */
export function brokenLinks(files: Files): string[] {
  const pages = new Map<string, string>();
  for (const [address, content] of files)
    if (address.endsWith(".html")) pages.set(address, String(content()));
  const anchors = new Map([...pages].map(([address, html]) => [address, new Set(valuesOf(html, "id"))]));
  return [...pages].flatMap(([page, html]) => {
    const leadsNowhere = (link: string) => {
      const [path = "", anchor] = link.split("#");
      const address = path === "" ? page : posix.join(posix.dirname(page), path);
      if (path.startsWith("/") || !files.has(address)) return true;
      return anchor !== undefined && !anchors.get(address)?.has(decodeURIComponent(anchor));
    };
    const links = [...valuesOf(html, "href"), ...valuesOf(html, "src")].filter((link) => !isElsewhere(link));
    return [...new Set(links)].filter(leadsNowhere).map((link) => `${page}: ${link}`);
  });
}

function valuesOf(html: string, attribute: string): string[] {
  return [...html.matchAll(new RegExp(`<[^<>]*\\s${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&amp;", "&"),
  );
}
