import { diffWordsWithSpace } from "diff";

/** A piece of text, and what became of it. */
export interface Change {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** What was removed from a text and added to it, word by word; texts that differ too much are shown whole. */
export function changesBetween(before: string, after: string, timeout = 100): Change[] {
  const parts =
    timeout > 0 ? diffWordsWithSpace(before, after, { timeout, maxEditLength: 2_000 }) : undefined;
  if (!parts) return whole(before, after);
  return parts.map(({ added, removed, value }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
}

/** Leaves out what stayed the same, but for the words beside a change. */
export function abridged(changes: readonly Change[], kept = 70): Change[] {
  return changes.map(({ kind, text }, index) => {
    if (kind !== "same" || text.length <= 2 * kept + 20) return { kind, text };
    const start = index === 0 ? "" : wordsUpTo(text, kept);
    const end = index === changes.length - 1 ? "" : wordsFrom(text, kept);
    return { kind, text: `${start.trimEnd()} … ${end.trimStart()}`.trimStart() };
  });
}

function whole(before: string, after: string): Change[] {
  const changes: Change[] = [
    { kind: "removed", text: before },
    { kind: "added", text: after },
  ];
  return changes.filter(({ text }) => text !== "");
}

function wordsUpTo(text: string, length: number): string {
  return text.slice(0, length).replace(/\S*$/, "");
}

function wordsFrom(text: string, length: number): string {
  return text.slice(-length).replace(/^\S*/, "");
}
