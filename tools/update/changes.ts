import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "../git.ts";

/** What an update does with a file. */
export interface Change {
  readonly kind: "added" | "changed" | "removed" | "moved";
  readonly path: string;
  /** Where it was, if it was moved. */
  readonly from?: string;
}

export interface Conflict {
  readonly path: string;
  /** What both sides did, and what to do if the file has no markers. */
  readonly reason: string;
}

export interface Changes {
  readonly changes: readonly Change[];
  readonly conflicts: readonly Conflict[];
}

/** By the letter of `git status`. */
const kinds: Readonly<Record<string, Change["kind"]>> = { A: "added", D: "removed", R: "moved" };

/** By the two letters of `git status`: our side, their side. */
const reasons: Readonly<Record<string, string>> = {
  UU: "changed on both sides",
  AA: "added on both sides",
  UD: "changed here, removed there: git add keeps it, git rm removes it",
  DU: "removed here, changed there: git add takes it, git rm leaves it out",
};

/** The changes of a work tree that was clean before. */
export function changesIn(git: Git): Changes {
  const changes: Change[] = [];
  const conflicts: Conflict[] = [];
  const status = ["-c", "status.renames=true", "status", "--porcelain", "-z", "--untracked-files=no"];
  const lines = git.list(...status).values();
  for (const line of lines) {
    const [code, path] = [line.slice(0, 2), line.slice(3)];
    const isConflict = /U|AA|DD/.test(code);
    if (isConflict) conflicts.push({ path, reason: reasonOf(join(git.folder, path), code) });
    else if (code.startsWith("R")) changes.push({ kind: "moved", path, from: lines.next().value ?? "" });
    else changes.push({ kind: kinds[code.slice(0, 1)] ?? "changed", path });
  }
  return { changes, conflicts };
}

function reasonOf(file: string, code: string): string {
  const reason = reasons[code] ?? "moved to different places";
  const isBinary = /^(UU|AA)$/.test(code) && existsSync(file) && readFileSync(file).includes(0);
  return isBinary ? `${reason}; yours is there, and git checkout --theirs takes the other` : reason;
}
