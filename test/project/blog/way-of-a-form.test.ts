import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../support/files.ts";

const text = readFileSync(join(root, "docs/way-of-a-form.md"), "utf8");
const files = [...text.matchAll(/^\| (\d+) +\| `(\S+)` /gm)].map(([, number, file = ""]) => ({
  number: Number(number),
  file,
}));

test("following a form to its page takes at most 40 files, and each exists", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.length).toBeLessThanOrEqual(40);
  expect(files.map(({ number }) => number)).toEqual(files.map((_, index) => index + 1));
  expect(files.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
});

test("of these files, at most 18 are of the web", () => {
  expect(files.filter(({ file }) => /^(views|src\/web)\//.test(file)).length).toBeLessThanOrEqual(18);
});
