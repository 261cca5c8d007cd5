import { domainToASCII } from "node:url";
import { type Detail, wordsOf } from "../errors/error-messages.ts";
import {
  type Attribute,
  type Json,
  NotStorable,
  type Rule,
  SecretMisplaced,
  Unacceptable,
} from "./attribute.ts";
import { canonicalNumber } from "./exact-number.ts";
import { complete, tryParse } from "./parsing.ts";
import { rowNumbersOf, withRowNumbers } from "./row-numbers.ts";
import { isEmail, maxLength } from "./rules.ts";
import { cleanText, storableText } from "./text.ts";

/** One line of text, trimmed: `title: string(notBlank, maxLength(120))`. */
export function string(...rules: Rule[]): Attribute<string> {
  return textual({ lines: false }, rules);
}

/** Text of several lines, as it was typed: `content: text(notBlank)`. */
export function text(...rules: Rule[]): Attribute<string> {
  return textual({ lines: true }, rules);
}

/** A whole number that JavaScript holds exactly: `quantity: integer(atLeast(1))`. */
export function integer(...rules: Rule[]): Attribute<number> {
  const otherwise = { code: "not_a_whole_number" };
  return scalar<number>({
    otherwise,
    rules,
    is: (value) => Number.isSafeInteger(value) && !Object.is(value, -0),
    parse(input) {
      const value = typeof input === "number" ? input : Number(matching(input, /^[+-]?\d{1,16}$/, otherwise));
      if (!Number.isSafeInteger(value)) throw new Unacceptable(otherwise);
      return value + 0; // -0 becomes 0, which is what the store would give back
    },
  });
}

/** An exact decimal number, kept as a string so that no cent is lost: `price: decimal()` gives "1234.50". */
export function decimal(...rules: Rule[]): Attribute<string> {
  const otherwise = { code: "not_a_number" };
  return scalar<string>({
    otherwise,
    rules,
    is: (value) => typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value),
    parse(input) {
      const typed = typeof input === "number" ? String(input) : input;
      return canonicalNumber(matching(typed, /^[+-]?\d{1,100}(\.\d{1,100})?$/, otherwise));
    },
  });
}

/** True or false; a form may say "true", "on", "yes" or "1". A box that may stay unticked is `optional(boolean())`. */
export function boolean(): Attribute<boolean> {
  const otherwise = { code: "not_a_boolean" };
  return scalar<boolean>({
    otherwise,
    is: (value) => typeof value === "boolean",
    parse: (input) =>
      typeof input === "boolean"
        ? input
        : /^(true|on|yes|1)$/i.test(matching(input, /^(true|on|yes|1|false|off|no|0)$/i, otherwise)),
  });
}

/** A day of the calendar, "2026-11-20". Not a Date: a day has no time and no time zone to get wrong. */
export type CalendarDate = `${number}-${number}-${number}`;

/** A day of the calendar: `publicationDate: date()`. */
export function date(...rules: Rule[]): Attribute<CalendarDate> {
  const otherwise = { code: "not_a_date" };
  return scalar<CalendarDate>({
    otherwise,
    rules,
    is: isCalendarDate,
    parse(input) {
      const day = single(input, otherwise);
      if (!isCalendarDate(day)) throw new Unacceptable(otherwise);
      return day;
    },
  });
}

/** The day it is now in UTC, or at the instant given. */
export function calendarDate(instant = new Date()): CalendarDate {
  return instant.toISOString().slice(0, 10) as CalendarDate;
}

/** An instant, to the millisecond: `scheduledAt: time()`. */
export function time(...rules: Rule[]): Attribute<Date> {
  const otherwise = { code: "not_a_time" };
  const iso = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
  return {
    rules,
    parse(input) {
      if (input instanceof Date) {
        if (!isStorableInstant(input)) throw new Unacceptable(otherwise);
        return new Date(input);
      }
      const typed = matching(input, iso, otherwise);
      const instant = new Date(typed);
      // Date takes the 30th of February for the 2nd of March.
      if (!isCalendarDate(typed.slice(0, 10)) || !isStorableInstant(instant))
        throw new Unacceptable(otherwise);
      return instant;
    },
    toJson(value) {
      if (!isStorableInstant(value)) throw new NotStorable(value, "not an instant of the years 1 to 9999");
      return value.toISOString();
    },
    fromJson(json) {
      const instant = new Date(typeof json === "string" ? json : Number.NaN);
      if (!isStorableInstant(instant)) throw unexpected(json, otherwise);
      return instant;
    },
  };
}

/** One of the words given: `status: oneOf("draft", "published")`. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Attribute<Word> {
  const otherwise = { code: "not_one_of", words: words.join(", ") };
  const is = (value: unknown): value is Word => words.some((word) => word === value);
  return scalar<Word>({
    otherwise,
    is,
    parse(input) {
      const word = single(input, otherwise);
      if (!is(word)) throw new Unacceptable(otherwise);
      return word;
    },
  });
}

/** The id of an aggregate or of anything else, in the one spelling that we write: `authorAggregateId: uuid()`. */
export function uuid(): Attribute<string> {
  const otherwise = { code: "not_an_id" };
  return scalar<string>({
    otherwise,
    is: isUuid,
    parse: (input) => matching(input, uuidPattern, otherwise),
  });
}

/**
 * The id of an aggregate of a type: `authorAggregateId: reference("Author")`. A command is only stored where there is such
 * an aggregate. In an event and in what an aggregate remembers, it is an id like any other.
 */
export function reference(aggregateType: string): Attribute<string> {
  return { ...uuid(), reference: aggregateType };
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && uuidPattern.test(value);
}

/** As DNS has it, which counts the ASCII form. Converting takes quadratic time, and no longer one could be right. */
const longestDomain = 253;

/** An e-mail address; the domain in ASCII and lower case. Compare addresses by their lower case. */
export function email(...rules: Rule[]): Attribute<string> {
  return {
    ...string(isEmail, maxLength(254), ...rules),
    parse(input) {
      const address = cleaned(input, { lines: false });
      if (address === "") throw new Unacceptable({ code: "blank" });
      const [, local, domain = ""] = /^(.+@)([\p{L}\p{M}\p{N}.-]+)$/u.exec(address) ?? [];
      // Nothing else belongs into a domain: domainToASCII would take it for the rest of a URL, and drop it.
      const ascii = domain.length > longestDomain ? "" : domainToASCII(domain);
      return ascii === "" ? address : local + ascii;
    },
  };
}

/** Several of one kind: `tags: list(string(notBlank))`. A field sent once is a list of one, none is an empty list. */
export function list<Value>(element: Attribute<Value>, ...rules: Rule[]): Attribute<readonly Value[]> {
  if (element.isSecret) throw new SecretMisplaced("a list");
  return {
    rules,
    element,
    parse(input) {
      const inputs = Array.isArray(input) ? input : nothing(input) ? [] : [input];
      const parts = Array.from(inputs, (each) => tryParse(element, each));
      return Object.freeze(complete(withRowNumbers(parts, rowNumbersOf(inputs))) as Value[]);
    },
    toJson(values) {
      if (!Array.isArray(values)) throw new NotStorable(values, "not a list");
      return Array.from(values, (value) => element.toJson(value)); // unlike map, it does not skip holes
    },
    fromJson(json) {
      if (!Array.isArray(json)) throw unexpected(json, "a list");
      return Object.freeze(json.map((each) => element.fromJson(each)));
    },
  };
}

/** What may be left out: `subtitle: optional(string())`. Nothing typed is nothing. */
export function optional<Value>(attribute: Attribute<Value>): Attribute<Value | undefined> {
  return {
    ...attribute,
    optional: true,
    parse: (input) => (nothing(input) ? undefined : attribute.parse(input)),
    toJson: (value) => (value === undefined ? null : attribute.toJson(value)),
    fromJson: (json) => (json === null || json === undefined ? undefined : attribute.fromJson(json)),
  };
}

function textual(options: { lines: boolean }, rules: Rule[]): Attribute<string> {
  return {
    rules,
    parse: (input) => cleaned(input, options),
    toJson: storableText,
    fromJson(json) {
      if (typeof json !== "string") throw unexpected(json, "a text");
      return json;
    },
  };
}

/** An attribute whose values JSON holds as they are. */
function scalar<Value extends string | number | boolean>(declared: {
  /** Why a value is not taken that is none of these, as in "is not a whole number". */
  readonly otherwise: Detail;
  readonly rules?: readonly Rule[];
  is(value: unknown): boolean;
  parse(input: unknown): Value;
}): Attribute<Value> {
  const { otherwise, rules = [], is, parse } = declared;
  return {
    rules,
    parse,
    toJson(value) {
      if (!is(value)) throw new NotStorable(value, wordsOf(otherwise).replace(/^is /, ""));
      return value;
    },
    fromJson(json) {
      if (!is(json)) throw unexpected(json, otherwise);
      return json as Value;
    },
  };
}

/** A stored value of another type means a changed attribute whose event lacks an upcast. */
function unexpected(json: Json, what: string | Detail): TypeError {
  const expected = typeof what === "string" ? what : wordsOf(what).replace(/^is not /, "");
  return new TypeError(`expected ${expected}, found ${JSON.stringify(json)}`);
}

function nothing(input: unknown): boolean {
  return input === undefined || input === null || (typeof input === "string" && input.trim() === "");
}

/** The one text that a form sent for a field. */
export function single(input: unknown, otherwise: Detail): string {
  if (nothing(input)) throw new Unacceptable({ code: "blank" });
  if (Array.isArray(input)) throw new Unacceptable({ code: "sent_twice" });
  if (typeof input !== "string") throw new Unacceptable(otherwise);
  return input.trim();
}

function matching(input: unknown, pattern: RegExp, otherwise: Detail): string {
  const typed = single(input, otherwise);
  if (!pattern.test(typed)) throw new Unacceptable(otherwise);
  return typed;
}

function cleaned(input: unknown, options: { lines: boolean }): string {
  if (typeof input !== "string") return single(input, { code: "not_a_text" });
  const clean = cleanText(input, options);
  if (clean === undefined) throw new Unacceptable({ code: "unstorable" });
  return clean;
}

let lastDay: unknown = "1970-01-01";

/** Of many days that are read in turn, most are the same. */
export function isCalendarDate(day: unknown): day is CalendarDate {
  if (day !== lastDay && !isDay(day)) return false;
  lastDay = day;
  return true;
}

function isDay(day: unknown): boolean {
  if (typeof day !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const instant = new Date(`${day}T00:00:00Z`);
  return isStorableInstant(instant) && instant.getUTCDate() === Number(day.slice(8)); // not the day after the last
}

export function isStorableInstant(instant: unknown): boolean {
  if (!(instant instanceof Date)) return false;
  const year = instant.getUTCFullYear(); // NaN for an invalid date
  return year >= 1 && year <= 9999;
}
