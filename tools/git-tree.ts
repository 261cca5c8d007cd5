import { lstatSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import type { Git } from "./git.ts";

/** The files of a commit: each path with its mode and the id of its content. */
export type GitTree = Map<string, { readonly mode: string; readonly id: string }>;

/** A file that is not where it was. */
export interface Moves {
  readonly deleted: ReadonlySet<string>;
  /** Old path → new path. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Takes the bytes as they are: no filter, line end or ignored file of the user's settings plays a part. */
export function treeOfFolder(git: Git, folder: string): GitTree {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const ids = git.run(["hash-object", "-w", "--no-filters", "--stdin-paths"], { input: files.join("\n") });
  const idOf = ids.split("\n");
  return new Map(
    files.map((file, index) => [
      relative(folder, file).replaceAll(sep, "/"),
      { mode: (lstatSync(file).mode & 0o100) === 0 ? "100644" : "100755", id: idOf[index] ?? "" },
    ]),
  );
}

export function treeOfCommit(git: Git, commit: string): GitTree {
  return new Map(
    git.list("ls-tree", "-r", "-z", "--full-tree", commit).map((line) => {
      const [, mode = "", id = "", path = ""] = /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? [];
      return [path, { mode, id }];
    }),
  );
}

/** Stores a tree in the repository, and returns its id. */
export function store(git: Git, tree: GitTree): string {
  const index = join(tmpdir(), `update-index-${process.pid}`);
  const env = { GIT_INDEX_FILE: index };
  const input = [...tree].map(([path, { mode, id }]) => `${mode} ${id}\t${path}\0`).join("");
  try {
    git.run(["update-index", "-z", "--index-info"], { input, env });
    return git.run(["write-tree"], { env });
  } finally {
    rmSync(index, { force: true });
  }
}

/** What was deleted and renamed on the way from one tree or commit to another. */
export function movesBetween(git: Git, from: string, to: string): Moves {
  const args = ["diff-tree", "-r", "-z", "--name-status", "--find-renames", "--diff-filter=DR"];
  const parts = git.list(...args, from, to).values();
  const deleted = new Set<string>();
  const renamed = new Map<string, string>();
  for (const status of parts) {
    const path = parts.next().value ?? "";
    if (status === "D") deleted.add(path);
    else renamed.set(path, parts.next().value ?? "");
  }
  return { deleted, renamed };
}
