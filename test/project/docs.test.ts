import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { headingsOf } from "../../tools/docs/markdown.ts";
import { filesIn, read, root } from "../support/files.ts";

const pages = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].filter((page) => existsSync(join(root, page))),
  ...filesIn("docs", ".md"),
  ...["src", "examples"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesIn(folder, "README.md")),
];

test.each(pages)("every link of %s leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, path = ""]) => path,
  );
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});

test.each(pages)("every link of %s to a heading finds it", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*\.md)?#([^)]+)\)/g)];
  const broken = links.filter(([, path, heading = ""]) => {
    const target = path === undefined ? page : posix.join(posix.dirname(page), path);
    return !headingsOf(read(target)).includes(heading);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("docs/README.md lists every page", () => {
  const listed = [...read("docs/README.md").matchAll(/^ *- \[.*?\]\(([^)]+)\)/gm)].map(
    ([, path = ""]) => path,
  );
  const found = filesIn("docs", ".md").map((page) => page.replace("docs/", ""));
  expect(found.filter((page) => !/^README|^tutorial\/\d/.test(page) && !listed.includes(page))).toEqual([]);
});

test("the README lists exactly the scripts of package.json", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const told = [...read("README.md").matchAll(/\bnpm (?:run )?(start|test(?!:)|[\w:-]+)/g)].map(
    ([, name]) => name,
  );
  const missing = scripts.filter((name) => !told.includes(name) && !["lint", "types"].includes(name));
  expect(missing).toEqual([]);
  expect(told.filter((name) => name !== "install" && !scripts.includes(name ?? ""))).toEqual([]);
});

test("the files of the first hour exist, and have at most 1,600 lines", () => {
  const [, section = ""] = /## The first hour\n([\s\S]*?)\n## /.exec(read("README.md")) ?? [];
  const files = [...section.matchAll(/^\| \[.*?\]\((.*?)\)/gm)].map(([, path = ""]) => read(path));
  if (section) expect(files.length).toBeGreaterThan(10); // a project that began without the blog has no such section
  expect(files.join("").split("\n").length).toBeLessThanOrEqual(1_600);
});

test("each answer of the FAQ links to a page or a test, and each test that it names is in that file", () => {
  const answers = read("docs/faq.md").split(/^### /m).slice(1);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((answer) => !answer.includes("]("))).toEqual([]);
  const tests = [...answers.join("").matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)];
  expect(tests.length).toBeGreaterThan(10);
  expect(tests.filter(([, title = "", file = ""]) => !read(file).includes(title))).toEqual([]);
});
