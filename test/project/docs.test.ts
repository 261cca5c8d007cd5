import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, read, root } from "../support/files.ts";

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
