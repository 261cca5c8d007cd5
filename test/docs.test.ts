import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...filesIn("docs", ".md")];

test.each(pages)("every link of %s leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, path = ""]) => path,
  );
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
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

describe("docs/parity.md", () => {
  const text = read("docs/parity.md");
  const tests = new Map(
    filesIn("test", ".ts").map((file) => [file.replace(/^test\/(framework\/)?/, ""), titlesOf(file)]),
  );

  test.each(
    [...text.matchAll(/`([\w./-]+\.ts)`: ([^|`]+)/g)].map(([, file = "", titles = ""]) => [
      file,
      titles.trim(),
    ]),
  )("%s has the tests that are named: %s", (file, titles) => {
    const known = tests.get(file) ?? tests.get(`framework/${file}`) ?? [];
    const [first = ""] = titles.split(/…|; |\. /);
    expect(known.filter((title) => title.includes(first.trim()) || first.includes(title))).not.toEqual([]);
  });
});

function titlesOf(file: string): string[] {
  return [
    ...read(file).matchAll(
      /(?:describe|test)(?:\.\w+)*(?:<[^>]*>)?\(\s*(?:`|")([^`"]+)|^\s*\)\(\s*(?:`|")([^`"]+)|\]\)\(\s*(?:`|")([^`"]+)/gm,
    ),
  ].map(([, plain, each, inline]) => plain ?? each ?? inline ?? "");
}

function filesIn(folder: string, ending: string): string[] {
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll(sep, "/")}`);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
