import { diffArrays } from "diff";

/** A piece of text: added, removed or the same. */
export interface Change {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Limits by count, not by time, so two texts give the same page on every machine, even on a busy one. */
const mostEdits = 700;
const mostComparisons = 500_000;

/** The removed and the added words. Undefined if there is too much to compare. */
export function changesBetween(before: string, after: string): Change[] | undefined {
  const [from, to] = [words(before), words(after)];
  if (leastEdits(from, to) > mostEdits) return undefined;
  let comparisons = 0;
  const comparator = (one: string, other: string) => {
    comparisons += 1;
    if (comparisons > mostComparisons) throw new TooMuch();
    return one === other;
  };
  try {
    return diffArrays(from, to, { comparator, maxEditLength: mostEdits })?.map(
      ({ added, removed, value }) => ({
        kind: added ? "added" : removed ? "removed" : "same",
        text: value.join(""),
      }),
    );
  } catch (error) {
    if (error instanceof TooMuch) return undefined;
    throw error;
  }
}

class TooMuch extends Error {}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}_]+|\s+|./gsu) ?? [];
}

/** If one text has a word more often than the other, it was added or removed. Counting is faster than comparing. */
function leastEdits(from: readonly string[], to: readonly string[]): number {
  const surplus = new Map<string, number>();
  for (const word of from) surplus.set(word, (surplus.get(word) ?? 0) + 1);
  for (const word of to) surplus.set(word, (surplus.get(word) ?? 0) - 1);
  return [...surplus.values()].reduce((sum, count) => sum + Math.abs(count), 0);
}

/** Leaves out unchanged text, except for the words around a change. */
export function abridged(changes: readonly Change[], kept = 70): Change[] {
  return changes.map(({ kind, text }, index) => {
    if (kind !== "same" || text.length <= 2 * kept + 20) return { kind, text };
    const start = index === 0 ? "" : wordsUpTo(text, kept);
    const end = index === changes.length - 1 ? "" : wordsFrom(text, kept);
    return { kind, text: `${start.trimEnd()} … ${end.trimStart()}`.trimStart() };
  });
}

function wordsUpTo(text: string, length: number): string {
  return text.slice(0, length).replace(/\S*$/, "");
}

function wordsFrom(text: string, length: number): string {
  return text.slice(-length).replace(/^\S*/, "");
}
