import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
  packages: Record<
    string,
    { version: string; hasInstallScript?: boolean; dev?: boolean; integrity?: string }
  >;
};
const installed = Object.entries(lock.packages).filter(([path]) => path !== "");

const versionsOf = (name: string) =>
  installed.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, { version }]) => version);

test.each([
  ["body-parser", "2.2.1", "CVE-2025-13466"],
  ["ejs", "7.0.0", "options of a template could come from a request"],
  ["qs", "6.14.1", "CVE-2025-15284"],
])("C8 %s is at least %s: %s", (name, least) => {
  const versions = versionsOf(name);
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions)
    expect(compare(version, least), `${name} ${version}`).toBeGreaterThanOrEqual(0);
});

test("C8 all that is installed is pinned by its content", () => {
  const loose = installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path);
  expect(loose).toEqual([]);
});

test("C8 nothing runs a script when it is installed, but what package.json forbids to", () => {
  const scripts = installed
    .filter(([, each]) => each.hasInstallScript)
    .map(([path]) => path.replace(/.*node_modules\//, ""));
  // esbuild's only checks its download; fsevents is for macOS and not installed elsewhere.
  expect(scripts.filter((name) => !["esbuild", "fsevents"].includes(name))).toEqual([]);
});

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  for (const [index, number] of (a ?? []).entries()) {
    const difference = number - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
