import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { build } from "../../../../tools/docs/build.ts";
import { brokenLinks } from "../../../../tools/docs/links.ts";
import { filesOf } from "../../../../tools/docs/site.ts";
import { root } from "../../../support/files.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project with these files, as a site. */
function siteOf(files: Record<string, string>) {
  const above = mkdtempSync(join(tmpdir(), "docs-"));
  folders.push(above);
  writeFileSync(join(above, "secret.md"), "# Not for readers\n");
  const folder = join(above, "project");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return filesOf(folder);
}

test("every link, picture and anchor of this project's docs leads somewhere", () => {
  const files = filesOf(root);
  expect([...files.keys()]).toEqual(expect.arrayContaining(["index.html", "docs/glossary.html"]));
  expect(brokenLinks(files)).toEqual([]);
});

const page = (files: ReturnType<typeof siteOf>, address: string) => String(files.get(address)?.());

describe("a site", () => {
  const files = siteOf({
    "README.md":
      "# A program\n\n[docs](docs/), [code](src/a.ts#L2), [settings](.env.example), [folder](src), [elsewhere](https://example.com)",
    ".env": "SECRET=1",
    ".env.example": "PORT=3000",
    "src/a.ts": "const a = 1;\nconst b = `<b>`;\n",
    "docs/README.md":
      "# The docs\n\n[a](guides/a.md)\n\n## Advice\n\n- [About b](guides/b.md)\n\nMore of it:\n\n- [About `a`](guides/a.md)\n",
    "docs/tutorial/README.md": "# The tutorial\n",
    "docs/tutorial/10-last.md": "# Last\n",
    "docs/tutorial/2-first.md": "# First\n\n![Here](images/x.png)\n",
    "docs/tutorial/images/x.png": "png",
    "docs/guides/a.md": "# A `<guide>`\n\n## One\n\n## Two\n",
    "docs/guides/c.md": "# C\n",
    "docs/guides/b.md": "# B\n\n[One](a.md#one), [home](../../README.md)\n",
  });

  test("has the pages and what they link to, and no other file", () => {
    expect([...files.keys()].filter((address) => !address.startsWith("assets/")).sort()).toEqual(
      [
        ...["env.example.html", "index.html", "src/a.ts.html"],
        ...[
          "docs/index.html",
          "docs/guides/a.html",
          "docs/guides/b.html",
          "docs/guides/c.html",
          "docs/tutorial/index.html",
        ],
        ...["docs/tutorial/2-first.html", "docs/tutorial/10-last.html", "docs/tutorial/images/x.png"],
      ].sort(),
    );
    expect(brokenLinks(files)).toEqual([]);
  });

  test("links to pages, folders and lines of files, all relative", () => {
    const home = page(files, "index.html");
    for (const link of ["docs/index.html", "src/a.ts.html#L2", "env.example.html", "https://example.com"])
      expect(home).toContain(`href="${link}"`);
    expect(home).toContain("<span>folder</span>");
    expect(page(files, "docs/guides/b.html")).toContain(
      '<a href="a.html#one">One</a>, <a href="../../index.html">',
    );
    expect(page(files, "src/a.ts.html")).toContain('<a id="L2" href="#L2">2</a>');
    expect(page(files, "src/a.ts.html")).toContain("`&lt;b&gt;`");
  });

  test("has the tutorial in its order, and the guides as docs/README.md names them", () => {
    const [, list = ""] = /<nav class="contents"(.*?)<\/nav>/s.exec(page(files, "index.html")) ?? [];
    expect([...list.matchAll(/>([^<>\n]+)<\/(?:a|p)>/g)].map(([, title]) => title)).toEqual(
      "Overview,Introduction,The docs,Tutorial,The tutorial,First,Last,Advice,About b,More of it,About a,Guides,C".split(
        ",",
      ),
    );
    const first = page(files, "docs/tutorial/2-first.html");
    expect(first).toContain('<a href="index.html" rel="prev"');
    expect(first).toContain('<a href="10-last.html" rel="next"');
  });

  test("can be written into a folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "docs-"));
    folders.push(folder);
    build(files, folder);
    for (const [address, content] of files)
      expect(readFileSync(join(folder, address)).equals(Buffer.from(content()))).toBe(true);
  });

  test("has an index of all sections for the search", () => {
    const script = String(files.get("assets/search-index.js")?.());
    expect(script).toMatch(/^window\.searchIndex = \[.*\];\n$/);
    expect(script).toContain('["A <guide>","One","docs/guides/a.html#one",""]');
  });
});

test.each([
  ["a page", "[x](docs/b.md)", "docs/b.md"],
  ["a file", "[x](src/b.ts)", "src/b.ts"],
  ["a picture", "![x](x.png)", "x.png"],
  ["an anchor of another page", "[x](docs/a.md#two)", "docs/a.html#two"],
  ["an anchor of its own page", "[x](#two)", "#two"],
  ["a line of a file", "[x](src/a.ts#L3)", "src/a.ts.html#L3"],
  ["a file above the project", "[x](../secret.md)", "../secret.md"],
  ["an address that begins with a slash", "[x](/docs/a.md)", "/docs/a.md"],
])("a link is broken if it leads to no such thing: %s", (_, text, link) => {
  const files = siteOf({ "README.md": `# P\n\n${text}`, "docs/a.md": "# A\n\n## One", "src/a.ts": "1;\n2;" });
  expect(brokenLinks(files)).toEqual([`index.html: ${link}`]);
});
