import type { PostRevision } from "../projections/queries.ts";
import { abridged, type Change, changesBetween } from "./changes.ts";

/** The history of a post, as far as a page shows it. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  /** How many older entries there are. */
  readonly older: number;
  /** The length of its texts, for a cache. */
  readonly length: number;
}

/** One thing that happened to a post. */
export interface HistoryEntry {
  readonly version: number;
  readonly at: Date;
  readonly change: string;
  /** The new value, if there is nothing to compare it with. */
  readonly value: string | null;
  /** The changes from the previous text; undefined if there was none, "too much" if there are too many to compare. */
  readonly changes: readonly Change[] | "too much" | undefined;
}

/** How much is read for a page: up to so many changes, but no more after so many bytes of text. */
export const longestHistory = { limit: 100, bytes: 500_000 };
/** A page does not show much more than so many characters; a piece that changed counts as some. */
const mostText = 200_000;
const piece = 50;

/** What happened to a post, the newest first; versions are numbered from 1 without gaps, so the rest can be counted. */
export function historyOf(revisions: readonly PostRevision[]): History {
  const entries: HistoryEntry[] = [];
  let length = 0;
  for (let index = revisions.length - 1; index >= 0; index -= 1) {
    const revision = revisions[index];
    if (!revision || revision.is_earlier || length > mostText) break;
    const entry = entryOf(revision, textBefore(revisions, index));
    entries.push(entry);
    length += lengthOf(entry);
  }
  return { entries, older: (entries.at(-1)?.version ?? 1) - 1, length };
}

function entryOf(
  { version, change, value, created_at: at }: PostRevision,
  before: string | undefined,
): HistoryEntry {
  if (before === undefined) return { version, at, change, value, changes: undefined };
  const changes = changesBetween(before, value ?? "");
  return { version, at, change, value: null, changes: changes ? abridged(changes) : "too much" };
}

function textBefore(revisions: readonly PostRevision[], index: number): string | undefined {
  const change = revisions[index]?.change;
  const before = revisions.findLast((revision, at) => at < index && revision.change === change);
  return before?.value ?? undefined;
}

function lengthOf({ changes }: HistoryEntry): number {
  return Array.isArray(changes) ? changes.reduce((sum, { text }) => sum + text.length + piece, 0) : piece;
}
