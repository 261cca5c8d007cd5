import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../support/files.ts";

const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const [, section = ""] = /^## The way of a form\n([\s\S]*?)^## /m.exec(text) ?? [];
const files = [...section.matchAll(/^\| (\d+) +\| `(\S+)` /gm)].map(([, number, file = ""]) => ({
  number: Number(number),
  file,
}));

test("one who follows a form to its page reads at most 40 files, and each is there", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.length).toBeLessThanOrEqual(40);
  expect(files.map(({ number }) => number)).toEqual(files.map((_, index) => index + 1));
  expect(files.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
});

test("of these files, at most 18 are of the web", () => {
  expect(files.filter(({ file }) => /^(views|src\/web)\//.test(file)).length).toBeLessThanOrEqual(18);
});
