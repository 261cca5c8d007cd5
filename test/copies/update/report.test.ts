import { expect, test } from "vitest";
import { report } from "../../../tools/update/report.ts";
import type { Outcome } from "../../../tools/update/update.ts";

const outcome: Outcome = {
  old: "sequent-blog 1111111",
  next: "sequent-blog 2222222",
  changes: [
    { kind: "changed", path: "a.ts" },
    { kind: "moved", path: "c.ts", from: "b.ts" },
  ],
  conflicts: [{ path: "README.md", reason: "changed on both sides" }],
  leftAlone: ["bench/"],
  news: "- The feed.",
  isLockFileRight: true,
};

test("a dry run lists every file", () => {
  expect(report(outcome, true)).toBe(`From sequent-blog 1111111 to sequent-blog 2222222.

News:

- The feed.

2 files would be changed:
  changed a.ts
  moved   c.ts (was b.ts)

Left alone, because you deleted them:
  bench/

1 file would have conflicts:
  README.md: changed on both sides

This was a dry run: nothing was changed.`);
});

test("an update says what to do now, and how to undo it", () => {
  expect(
    report({ ...outcome, isLockFileRight: false }, false),
  ).toBe(`From sequent-blog 1111111 to sequent-blog 2222222.

News:

- The feed.

2 files changed: git status lists them.

Left alone, because you deleted them:
  bench/

1 file with conflicts:
  README.md: changed on both sides

Resolve the conflicts ("yours" is your side), then git add these files.
package-lock.json is not right yet: npm install mends it, once package.json is right. Then git add it.
Run npm install and npm run check, then git commit.
To undo everything: git reset --hard`);
});

test("what there is nothing of is not mentioned", () => {
  const clean = { ...outcome, conflicts: [], leftAlone: [], news: "" };
  expect(report(clean, false)).not.toMatch(/News|Left|conflicts|package-lock/);
  expect(report({ ...clean, changes: [] }, false)).toBe(
    "Nothing to do: this project has sequent-blog 2222222 already.",
  );
});
