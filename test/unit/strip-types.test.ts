import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

const { load } = await import(new URL("../../src/strip-types.js", import.meta.url).href);
const folder = mkdtempSync(join(tmpdir(), "strip-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a program gets its code without types: that of the present text, also if an earlier one is kept", async () => {
  const file = join(folder, "sum.ts");
  const codeOf = async (text: string) => {
    writeFileSync(file, text);
    return (await load(pathToFileURL(file).href, {}, () => undefined)).source;
  };
  const before = "export const sum: number = 1 + 1;\n";
  const after = "export const sum: bigint = 2n + 1n;\n";
  expect(await codeOf(before)).toBe("export const sum         = 1 + 1;\n");
  expect(await codeOf(after)).toBe("export const sum         = 2n + 1n;\n");
  expect(await codeOf(before)).toBe("export const sum         = 1 + 1;\n");
});
