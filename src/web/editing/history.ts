import type { JsonObject } from "#sequent/operations";
import { abridged, type Change, changesBetween } from "./changes.ts";

/** An event in a history: a row of a view. */
export interface Revision {
  readonly version: number;
  readonly event_type: string;
  readonly payload: JsonObject;
  readonly created_at: Date;
  /** True if it is only here because a newer event of its type replaced its values. */
  readonly is_earlier?: boolean;
}

/** The words for the events of an aggregate. */
export interface HistoryWords {
  /** The beginning of the types of its events, as in "PostAdded". */
  readonly aggregateType: string;
  /** The labels of its form, by attribute. */
  readonly labels: Readonly<Record<string, string>>;
  /** The words, by the type of the event. */
  readonly events: Readonly<Record<string, EventWords>>;
  /** The names of other aggregates, by id. An id without a name is not shown. */
  readonly names?: Readonly<Record<string, string>>;
}

interface EventWords {
  readonly heading: string;
  /** Other words for the first event of its type. */
  readonly first?: string;
  /** The attribute with the day of the event. */
  readonly date?: string;
  /** The attributes with the time that the event is about, and its time zone. */
  readonly time?: { readonly at: string; readonly timeZone: string };
}

/** The part of a history that a page shows. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  /** The number of older entries. */
  readonly older: number;
  /** The length of its texts, for a cache. */
  readonly length: number;
}

/** One entry of a history. */
interface HistoryEntry {
  readonly version: number;
  readonly at: Date;
  readonly heading: string;
  /** The day of the event. */
  readonly date: string | undefined;
  /** The time that the event is about. */
  readonly time: { readonly at: Date; readonly timeZone: string } | undefined;
  readonly values: readonly ChangedValue[];
}

/** The change of one attribute. */
interface ChangedValue {
  /** Only if the event has other attributes, too. */
  readonly label: string | undefined;
  /** The changes from the value before. "too much" if there are too many to show. */
  readonly changes: readonly Change[] | "too much";
}

/** The most events that a page reads, and the size in bytes after which it reads no more. */
export const longestHistory = { limit: 100, bytes: 500_000 };
/** About how many characters a page shows. Each changed piece counts as some characters. */
const mostText = 200_000;
const piece = 50;
/** How much of a new text is shown. */
const beginning = 400;

/** The history, newest first. Versions have no gaps, so the number of older entries is known. */
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
  // If an optional attribute was removed, only the event before has it.
  const names = [...new Set([...Object.keys(payload), ...Object.keys(sameBefore?.payload ?? {})])];
  const { heading, first = heading, date, time } = wordsOf(event_type, names, words);
  const values = names
    .filter((name) => name !== date && name !== time?.at && name !== time?.timeZone)
    .flatMap((name) => changedValue(revision, earlier, name, words.names));
  const changed = values.filter(({ isSame }) => !isSame);
  // If both values were erased, there is no difference.
  const shown = changed.length > 0 ? changed : values;
  return {
    version,
    at,
    heading: sameBefore ? heading : first,
    date: date === undefined ? undefined : textOf(payload[date]),
    time: time && { at: new Date(String(payload[time.at])), timeZone: String(payload[time.timeZone]) },
    values: shown.map(({ name, changes }) => ({
      label: shown.length > 1 ? (words.labels[name] ?? sentence(name)) : undefined,
      changes,
    })),
  };
}

/**
 * The words of an event that has none of its own: the label of its only attribute, as in "Subtitle changed", or otherwise its type:
 * "PostTagAdded" becomes "Tag added".
 */
function wordsOf(type: string, attributes: readonly string[], words: HistoryWords): EventWords {
  const { aggregateType, labels, events } = words;
  const [only = "", ...others] = attributes;
  const label = others.length === 0 && type.endsWith("Changed") ? labels[only] : undefined;
  const ofType = type.startsWith(aggregateType) ? type.slice(aggregateType.length) : type;
  return events[type] ?? { heading: label ? `${label} changed` : sentence(ofType) };
}

/** `readingTime` becomes "Reading time". */
function sentence(name: string): string {
  const spaced = name.replace(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function changedValue(
  { event_type, payload }: Revision,
  earlier: readonly Revision[],
  name: string,
  names: HistoryWords["names"],
) {
  const before = earlier.findLast(
    (each) => each.event_type === event_type || Object.hasOwn(each.payload, name),
  );
  const [old, now] = [before?.payload[name], payload[name]].map((value) => textOf(value, names));
  if (old === undefined && now === undefined) return [];
  return [{ name, isSame: old === now, changes: changesOf(old, now) }];
}

function changesOf(before: string | undefined, now = ""): ChangedValue["changes"] {
  if (before === undefined) return [{ kind: "added", text: beginningOf(now) }];
  if (before === now) return [{ kind: "same", text: beginningOf(now) }];
  const changes = changesBetween(before, now);
  return changes ? abridged(changes) : "too much";
}

/** A value of an event as readers see it. Ids mean nothing to them, but names do. */
function textOf(value: unknown, names: HistoryWords["names"] = {}): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (isId(value)) return names[value];
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((each) => textOf(each, names) ?? "").join("\n");
  return typeof value === "object" ? JSON.stringify(value, undefined, 2) : String(value);
}

function isId(value: unknown): value is string {
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
