import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { type Git, GitFailed } from "../git.ts";
import { type GitTree, type Moves, movesBetween, store, treeOfCommit, treeOfFolder } from "../git-tree.ts";
import { changesIn } from "./changes.ts";
import { keepDeleted } from "./keep-deleted.ts";
import { adoptLineEnds, filesWithCrlf } from "./line-ends.ts";
import { nameSides } from "./markers.ts";

/** A version of the template, made with the names of the project. */
export interface Rendering {
  readonly folder: string;
  /** As conflict markers call it: `sequent-blog 1a2b3c4`. */
  readonly label: string;
}

interface Versions {
  readonly base: Rendering;
  readonly next: Rendering;
}

interface Trees extends Record<"base" | "next" | "own", GitTree>, Record<"here" | "there", Moves> {}

/**
 * Brings what has changed between two versions of the template into the work tree and the index, as `git cherry-pick` does:
 * it merges with the old version as the base. So the project and the template need no history in common.
 * @param prefix the folder of the project in its repository, as in `shop/`.
 * @returns the files that the template has changed or added, but that were deleted here.
 */
export function merge(git: Git, versions: Versions, prefix = ""): string[] {
  const trees = treesOf(git, versions);
  const leftAlone = keepDeleted(trees);
  const { base, next, own } = trees;

  const record = own.get(`${prefix}.template.json`);
  if (record) base.set(`${prefix}.template.json`, record); // whatever its format is: it must not conflict

  refuseToReplace(git, trees);
  const old = commit(git, base, versions.base.label);
  const picked = commit(git, next, versions.next.label, old);
  pick(git, picked);
  for (const { path } of changesIn(git).conflicts)
    nameSides(join(git.folder, path), {
      yours: "yours",
      base: versions.base.label,
      next: versions.next.label,
    });
  return leftAlone;
}

/** The files of both versions, with the line ends of the project, and how they moved. */
function treesOf(git: Git, { base, next }: Versions): Trees {
  const own = treeOfCommit(git, "HEAD");
  const trees = { base: treeOfFolder(git, base.folder), next: treeOfFolder(git, next.folder), own };
  const from = store(git, trees.base);
  const here = movesBetween(git, from, "HEAD");
  const there = movesBetween(git, from, store(git, trees.next));
  const crlf = filesWithCrlf(git);
  if (crlf.size === 0) return { ...trees, here, there };

  const origins = new Map([...there.renamed].map(([old, path]) => [path, old]));
  const isCrlf = (path: string) => crlf.has(here.renamed.get(path) ?? path);
  adoptLineEnds(base.folder, trees.base.keys(), isCrlf);
  adoptLineEnds(next.folder, trees.next.keys(), (path) => isCrlf(origins.get(path) ?? path));
  return { base: treeOfFolder(git, base.folder), next: treeOfFolder(git, next.folder), own, here, there };
}

/** Git would replace a file that it ignores. */
function refuseToReplace(git: Git, { next, own, here }: Trees): void {
  const inTheWay = [...next.keys()].filter(
    (path) => !own.has(path) && !here.renamed.has(path) && existsSync(join(git.folder, path)),
  );
  if (inTheWay.length === 0) return;
  throw new Refused(`The update brings files under these names, where you have files that git does not know:
  ${inTheWay.join("\n  ")}
Move them away, or commit them (git add --force), then run this again. Nothing was changed.`);
}

/** A commit that no branch has. Git removes it by itself after some weeks. */
function commit(git: Git, tree: GitTree, label: string, ...parents: readonly string[]): string {
  const who = { NAME: "npm run update", EMAIL: "update@localhost", DATE: "2000-01-01T00:00:00Z" };
  const env = Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const args = [
    "commit-tree",
    store(git, tree),
    "-m",
    `Update to ${label}`,
    ...parents.flatMap((each) => ["-p", each]),
  ];
  return git.run(args, { env });
}

function pick(git: Git, picked: string): void {
  const settings = ["merge.directoryRenames=true", "rerere.enabled=false"];
  try {
    git.run([...settings.flatMap((each) => ["-c", each]), "cherry-pick", "--no-commit", picked]);
  } catch (error) {
    if (!(error instanceof GitFailed) || changesIn(git).conflicts.length === 0) throw error;
  }
}
