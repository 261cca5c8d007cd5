import type { PostRevisionRecord } from "../projections/queries.ts";
import { abridged, type Change, changesBetween } from "./changes.ts";

/** One thing that happened to a post, as its history shows it. */
export interface HistoryEntry {
  readonly version: number;
  readonly at: Date;
  readonly change: string;
  readonly value: string | null;
  /** From the text before to this one; undefined where there was none before. */
  readonly changes: readonly Change[] | undefined;
}

/** A long history costs no more than this many milliseconds of comparing; what is older is shown whole. */
const patience = 300;
export const longestHistory = 100;
/** Nor does it show much more than so many characters. */
const mostText = 500_000;

/** What happened to a post, the newest first; versions are numbered from 1 without gaps, so the rest can be counted. */
export function historyOf(revisions: readonly PostRevisionRecord[]): {
  entries: HistoryEntry[];
  older: number;
} {
  const deadline = Date.now() + patience;
  const entries: HistoryEntry[] = [];
  let shown = 0;
  for (let index = revisions.length - 1; index >= 0; index -= 1) {
    const revision = revisions[index];
    if (!revision || entries.length === longestHistory || shown > mostText) break;
    const entry = entryOf(revision, textBefore(revisions, index), deadline - Date.now());
    entries.push(entry);
    for (const { text } of entry.changes ?? []) shown += text.length;
  }
  return { entries, older: (entries.at(-1)?.version ?? 1) - 1 };
}

function entryOf(
  { version, change, value, created_at }: PostRevisionRecord,
  before: string | undefined,
  timeLeft: number,
): HistoryEntry {
  const changes = before === undefined ? undefined : abridged(changesBetween(before, value ?? "", timeLeft));
  return { version, at: created_at, change, value, changes };
}

function textBefore(revisions: readonly PostRevisionRecord[], index: number): string | undefined {
  const change = revisions[index]?.change;
  const before = revisions.findLast((revision, at) => at < index && revision.change === change);
  return before?.value ?? undefined;
}
