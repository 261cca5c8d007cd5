import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Refused } from "../src/bin/command.ts";

/** The packages that are installed here. */
export const packages = resolve(import.meta.dirname, "../node_modules");

const programs = { biome: "@biomejs/biome/bin/biome", tsc: "typescript/bin/tsc" } as const;

/** The file of a program that a package brings. It runs with Node on every system. */
export function programOf(name: keyof typeof programs): string {
  const file = join(packages, programs[name]);
  if (existsSync(file)) return file;
  throw new Refused(
    `Nothing was changed, because ${programs[name]} is not here. Run npm install, without --omit=dev.`,
  );
}
