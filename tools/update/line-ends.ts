import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "../git.ts";

/** The files of a project that git has stored with CRLF. Most projects have none, also on Windows. */
export function filesWithCrlf(git: Git): ReadonlySet<string> {
  const lines = git.list("ls-files", "-z", "--eol", "--full-name", ":/");
  return new Set(
    lines.filter((line) => line.startsWith("i/crlf")).map((line) => line.slice(line.indexOf("\t") + 1)),
  );
}

/**
 * Without this, git would see a change in every line of a file, and one conflict as long as the file.
 * @param isCrlf whether the project has a file with CRLF, by its path in the rendering.
 */
export function adoptLineEnds(
  folder: string,
  paths: Iterable<string>,
  isCrlf: (path: string) => boolean,
): void {
  for (const path of paths) {
    if (!isCrlf(path)) continue;
    const bytes = readFileSync(join(folder, path), "latin1"); // keeps every byte
    writeFileSync(join(folder, path), bytes.replaceAll(/\r?\n/g, "\r\n"), "latin1");
  }
}
