import type { Change, Conflict } from "./changes.ts";
import type { Outcome } from "./update.ts";

/** What an update has done, or would do, and what to do now. What matters most is at the end, where it is seen. */
export function report(outcome: Outcome, dryRun: boolean): string {
  const { old, next, changes, conflicts, leftAlone, news } = outcome;
  if (changes.length + conflicts.length === 0) return `Nothing to do: this project has ${next} already.`;
  return [
    `From ${old} to ${next}.`,
    news && `News:\n\n${news}`,
    dryRun
      ? part(`${files(changes)} would be changed:`, changes.map(changeLine))
      : `${files(changes)} changed: git status lists them.`,
    part("Left alone, because you deleted them:", leftAlone),
    part(`${files(conflicts)} ${dryRun ? "would have" : "with"} conflicts:`, conflicts.map(conflictLine)),
    dryRun ? "This was a dry run: nothing was changed." : whatToDo(outcome),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function whatToDo({ conflicts, isLockFileRight }: Outcome): string {
  return [
    conflicts.length > 0 && `Resolve the conflicts ("yours" is your side), then git add these files.`,
    !isLockFileRight &&
      "package-lock.json is not right yet: npm install mends it, once package.json is right. Then git add it.",
    "Run npm install and npm run check, then git commit.",
    "To undo everything: git reset --hard",
  ]
    .filter(Boolean)
    .join("\n");
}

function part(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [title, ...lines].join("\n  ");
}

function changeLine({ kind, path, from }: Change): string {
  return `${kind.padEnd(7)} ${path}${from === undefined ? "" : ` (was ${from})`}`;
}

function conflictLine({ path, reason }: Conflict): string {
  return `${path}: ${reason}`;
}

const files = ({ length }: readonly unknown[]) => `${length} file${length === 1 ? "" : "s"}`;
