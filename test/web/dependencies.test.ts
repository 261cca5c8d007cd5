import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Entry {
  version: string;
  integrity?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const { packages } = read<{ packages: Record<string, Entry> }>("package-lock.json");
const { allowScripts } = read<{ allowScripts: Record<string, boolean> }>("package.json");
const installed = Object.entries(packages).filter(([path]) => path !== "");

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
  expect(scripts.filter((name) => allowScripts[name] !== false)).toEqual([]);
});

test("npm ci works on every platform: the lock file lists what each package needs, the parts for other systems too", () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !isFound(name, path)),
  );
  expect(missing).toEqual([]);
});

/** As Node looks for a package: in the folder that asks, then in each folder above it. */
function isFound(name: string, path: string): boolean {
  if (packages[`${path && `${path}/`}node_modules/${name}`]) return true;
  return path !== "" && isFound(name, path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/"))));
}

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  for (const [index, number] of (a ?? []).entries()) {
    const difference = number - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));
}
