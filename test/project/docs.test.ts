import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { filesIn, read, root } from "../support/files.ts";

const pages = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md"],
  ...filesIn("docs", ".md"),
  ...filesIn("src", "README.md"),
];

test.each(pages)("every link of %s leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, path = ""]) => path,
  );
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});

test.each(pages)("every link of %s to a heading leads to one", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*\.md)?#([^)]+)\)/g)];
  const broken = links.filter(([, path, heading = ""]) => {
    const target = path === undefined ? page : posix.join(posix.dirname(page), path);
    return !headingsOf(target).includes(heading);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("every script of package.json is told in the README, and no other", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const told = [...read("README.md").matchAll(/\bnpm (?:run )?(start|test(?!:)|[\w:-]+)/g)].map(
    ([, name]) => name,
  );
  const missing = scripts.filter((name) => !told.includes(name) && !["lint", "types"].includes(name));
  expect(missing).toEqual([]);
  expect(told.filter((name) => name !== "install" && !scripts.includes(name ?? ""))).toEqual([]);
});

test("the files of the first hour are there, and have at most 1,500 lines", () => {
  const [, section = ""] = /## The first hour\n([\s\S]*?)\n## /.exec(read("README.md")) ?? [];
  const files = [...section.matchAll(/^\| \[.*?\]\((.*?)\) +\| (\d+) /gm)].map(([, path = "", told]) => ({
    path,
    told: Number(told),
    lines: read(path).split("\n").length - 1,
  }));
  if (section) expect(files.length).toBeGreaterThan(10); // a copy without the blog has no such section
  const isRight = ({ told, lines }: { told: number; lines: number }) =>
    Math.abs(told - lines) <= 10 + told / 5;
  expect(files.filter((file) => !isRight(file))).toEqual([]);
  expect(files.reduce((sum, { lines }) => sum + lines, 0)).toBeLessThanOrEqual(1_500);
});

/** The headings of a page, as links name them. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
