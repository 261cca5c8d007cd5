import { lstatSync, readFileSync, writeFileSync } from "node:fs";

/**
 * Names the sides of each conflict in a file. Git writes `HEAD` for what is yours, and for the rest the id of a commit
 * that nobody knows.
 */
export function nameSides(file: string, names: Record<"yours" | "base" | "next", string>): void {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return; // deleted on one side
  const text = readFileSync(file, "latin1"); // keeps every byte
  const named = text
    .replaceAll(/^(<{7,}) HEAD/gm, `$1 ${names.yours}`)
    .replaceAll(/^(\|{7,}) parent of [0-9a-f]+ \(.*?\)/gm, `$1 ${names.base}`)
    .replaceAll(/^(>{7,}) [0-9a-f]+ \(.*?\)/gm, `$1 ${names.next}`);
  if (named !== text) writeFileSync(file, named, "latin1");
}
