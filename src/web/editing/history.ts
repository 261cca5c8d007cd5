import type { JsonObject } from "#sequent/operations";
import { abridged, type Change, changesBetween } from "./changes.ts";

/** An event as a history needs it; a view of such rows has them. */
export interface Revision {
  readonly version: number;
  readonly event_type: string;
  readonly payload: JsonObject;
  readonly created_at: Date;
  /** True if it is only here because a newer event of its type replaced its values. */
  readonly is_earlier: boolean;
}

/** What a page says of the events of an aggregate. */
export interface HistoryWords {
  /** Begins the types of its events, as in "PostAdded". */
  readonly aggregateType: string;
  /** Of the fields of its form, by attribute. */
  readonly labels: Readonly<Record<string, string>>;
  /** By the type of the event. */
  readonly events: Readonly<Record<string, EventWords>>;
}

interface EventWords {
  readonly heading: string;
  /** Instead of that, of the first one of its type. */
  readonly first?: string;
  /** The attribute with the day that it is about. */
  readonly date?: string;
}

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
  readonly heading: string;
  /** The day that it is about. */
  readonly date: string | undefined;
  readonly values: readonly ChangedValue[];
}

/** What became of an attribute. */
export interface ChangedValue {
  /** Only where the event has others too. */
  readonly label: string | undefined;
  /** From the value before; "too much" if there are too many to show. */
  readonly changes: readonly Change[] | "too much";
}

/** How much is read for a page: up to so many changes, but no more after so many bytes. */
export const longestHistory = { limit: 100, bytes: 500_000 };
/** A page does not show much more than so many characters; a piece that changed counts as some. */
const mostText = 200_000;
const piece = 50;
/** How much is shown of a text that is new. */
const beginning = 400;

/** What happened to a post, the newest first; versions are numbered from 1 without gaps, so the rest can be counted. */
export function historyOf(revisions: readonly Revision[], words: HistoryWords): History {
  const entries: HistoryEntry[] = [];
  let length = 0;
  for (let index = revisions.length - 1; index >= 0; index -= 1) {
    const revision = revisions[index];
    if (!revision || revision.is_earlier || length > mostText) break;
    const entry = entryOf(revision, revisions.slice(0, index), words);
    entries.push(entry);
    length += lengthOf(entry);
  }
  return { entries, older: (entries.at(-1)?.version ?? 1) - 1, length };
}

function entryOf(revision: Revision, earlier: readonly Revision[], words: HistoryWords): HistoryEntry {
  const { version, event_type, payload, created_at: at } = revision;
  const sameBefore = earlier.findLast((each) => each.event_type === event_type);
  // An optional attribute that was taken away is only in the event before.
  const names = [...new Set([...Object.keys(payload), ...Object.keys(sameBefore?.payload ?? {})])];
  const { heading, first = heading, date } = wordsOf(event_type, names, words);
  const values = names
    .filter((name) => name !== date)
    .flatMap((name) => changedValue(revision, earlier, name));
  const changed = values.filter(({ isSame }) => !isSame);
  // Nothing differs where values were erased, before and after.
  const shown = changed.length > 0 ? changed : values;
  return {
    version,
    at,
    heading: sameBefore ? heading : first,
    date: date === undefined ? undefined : textOf(payload[date]),
    values: shown.map(({ name, changes }) => ({
      label: shown.length > 1 ? (words.labels[name] ?? sentence(name)) : undefined,
      changes,
    })),
  };
}

/**
 * If the event has no words, it has the label of the one attribute that it changes, "Subtitle changed", or else the words of
 * its type: "PostTagAdded" is "Tag added".
 */
function wordsOf(type: string, attributes: readonly string[], words: HistoryWords): EventWords {
  const { aggregateType, labels, events } = words;
  const [only = "", ...others] = attributes;
  const label = others.length === 0 && type.endsWith("Changed") ? labels[only] : undefined;
  const ofType = type.startsWith(aggregateType) ? type.slice(aggregateType.length) : type;
  return events[type] ?? { heading: label ? `${label} changed` : sentence(ofType) };
}

/** `readingTime` is "Reading time". */
function sentence(name: string): string {
  const spaced = name.replace(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function changedValue({ event_type, payload }: Revision, earlier: readonly Revision[], name: string) {
  const before = earlier.findLast(
    (each) => each.event_type === event_type || Object.hasOwn(each.payload, name),
  );
  const [old, now] = [textOf(before?.payload[name]), textOf(payload[name])];
  if (old === undefined && now === undefined) return [];
  return [{ name, isSame: old === now, changes: changesOf(old, now) }];
}

function changesOf(before: string | undefined, now = ""): ChangedValue["changes"] {
  if (before === undefined) return [{ kind: "added", text: beginningOf(now) }];
  if (before === now) return [{ kind: "same", text: beginningOf(now) }];
  const changes = changesBetween(before, now);
  return changes ? abridged(changes) : "too much";
}

/** A value of an event as a reader sees it; an id means nothing to them. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || isId(value)) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((each) => textOf(each) ?? "").join("\n");
  return typeof value === "object" ? JSON.stringify(value, undefined, 2) : String(value);
}

function isId(value: unknown): boolean {
  return typeof value === "string" && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);
}

function beginningOf(text: string): string {
  return text.length > beginning ? `${text.slice(0, beginning).toWellFormed()} …` : text;
}

function lengthOf({ values }: HistoryEntry): number {
  const lengths = values.map(({ changes }) =>
    changes === "too much" ? piece : changes.reduce((sum, { text }) => sum + text.length + piece, 0),
  );
  return lengths.reduce((sum, length) => sum + length, piece);
}
