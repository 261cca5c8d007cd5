import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Needs {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Entry extends Needs {
  version: string;
  integrity?: string;
  hasInstallScript?: boolean;
  engines?: { node?: string };
}

const { packages } = read<{ packages: Record<string, Entry> }>("package-lock.json");
const declared = read<Needs & { allowScripts: Record<string, boolean>; engines: { node: string } }>(
  "package.json",
);
const installed = Object.entries(packages).filter(([path]) => path !== "");

const versionsOf = (name: string) =>
  installed.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, { version }]) => version);

test.each([
  ["body-parser", "2.2.1", "CVE-2025-13466"],
  ["ejs", "7.0.0", "options of a template could come from a request"],
  ["qs", "6.14.1", "CVE-2025-15284"],
])("%s is at least %s: %s", (name, least) => {
  const versions = versionsOf(name);
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions)
    expect(compare(version, least), `${name} ${version}`).toBeGreaterThanOrEqual(0);
});

test("all installed packages are pinned by their content", () => {
  const loose = installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path);
  expect(loose).toEqual([]);
});

test("packages with an install script are listed in package.json, which forbids it", () => {
  const scripts = installed
    .filter(([, each]) => each.hasInstallScript)
    .map(([path]) => path.replace(/.*node_modules\//, ""));
  expect(scripts.filter((name) => declared.allowScripts[name] !== false)).toEqual([]);
});

test("npm ci works on every platform: the lock file lists what each package needs, the parts for other systems too", () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !isFound(name, path)),
  );
  expect(missing).toEqual([]);
  const { dependencies, devDependencies, optionalDependencies } = declared;
  expect(packages[""]).toEqual(
    expect.objectContaining({ dependencies, devDependencies, optionalDependencies }),
  );
});

test("the lock file names no registry, so everybody installs from their own", () => {
  expect(installed.filter(([, entry]) => "resolved" in entry).map(([path]) => path)).toEqual([]);
});

test("no package needs a later Node than the blog", () => {
  const oldest = declared.engines.node.replace(">=", "");
  const later = installed.filter(([, entry]) => !takes(entry.engines?.node ?? ">=0", oldest));
  expect(later.map(([path, entry]) => `${path}: ${entry.engines?.node}`)).toEqual([]);
});

function takes(range: string, version: string): boolean {
  return range.split("||").some((each) => {
    const [, sign, least = ""] = /^\s*(>=|\^)\s*([\d.]+)(?:\.x)?\s*$/.exec(each) ?? [];
    if (sign === undefined) throw new TypeError(`Cannot read "${range}": teach this test to.`);
    const isSameMajor = least.split(".")[0] === version.split(".")[0];
    return compare(version, least) >= 0 && (sign === ">=" || isSameMajor);
  });
}

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
