import { posix } from "node:path";
import type { GitTree, Moves } from "../git-tree.ts";

interface Trees {
  /** The template as the project was made from it. Loses what was deleted here. */
  readonly base: GitTree;
  /** The template as it is now. Loses what was deleted here. */
  readonly next: GitTree;
  /** The project. */
  readonly own: GitTree;
  /** From the base to the project. */
  readonly here: Moves;
  /** From the base to the next. */
  readonly there: Moves;
}

/**
 * What was deleted in the project stays deleted, even if the template has changed or moved it, and a deleted folder gets
 * nothing new. Takes all this out of both trees, so that no merge sees it.
 * @returns the files that would have come back; for those of a deleted folder, the folder, as in `bench/`.
 */
export function keepDeleted({ base, next, own, here, there }: Trees): string[] {
  const leftAlone = new Set<string>();
  const deletedFolderOf = deletedFolders(own, here);
  const origins = new Map([...there.renamed].map(([from, to]) => [to, from]));

  for (const [path, { id }] of next) {
    const origin = origins.get(path) ?? path;
    const folder = deletedFolderOf(path);
    const isNew = !base.has(origin);
    if (isNew ? !folder : !here.deleted.has(origin)) continue;
    next.delete(path);
    if (isNew || base.get(origin)?.id !== id) leftAlone.add(folder ? `${folder}/` : path);
  }
  for (const path of here.deleted) base.delete(path); // otherwise a copy of it would be taken for its new place
  return [...leftAlone].sort();
}

/** A folder was moved, not deleted, if at least half of its files are elsewhere: then git brings new files there. */
function deletedFolders(own: GitTree, { deleted, renamed }: Moves): (path: string) => string | undefined {
  const left = new Set([...own.keys()].flatMap(foldersOf));
  const gone = countFolders(deleted);
  const moved = countFolders(renamed.keys());
  const isDeleted = (folder: string) =>
    !left.has(folder) && (gone.get(folder) ?? 0) > (moved.get(folder) ?? 0);
  return (path) => foldersOf(path).findLast(isDeleted);
}

function countFolders(paths: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths)
    for (const folder of foldersOf(path)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return counts;
}

/** `a/b` and `a` for `a/b/c.ts`. */
function foldersOf(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}
