import { type Json, NotStorable } from "../attributes/attribute.ts";
import { isCalendarDate, isStorableInstant } from "../attributes/dates.ts";
import { canonicalNumber } from "../attributes/numbers.ts";
import { instantText } from "../attributes/serialization.ts";
import { isUuid, storableText } from "../attributes/texts.ts";

/** A column: its type in Postgres, the values that it takes, and their types for the compiler. */
export interface Column<Value = unknown, Step = never, Use extends ColumnUse = "find"> {
  readonly sql: string;
  readonly value?: Value;
  /** The type that `increment` takes. */
  readonly step?: Step;
  readonly use?: Use;
  /** The value as Postgres gives it back. Throws `NotStorable` if Postgres would refuse it. */
  readonly fit: (value: unknown) => unknown;
  /** The text of a value for Postgres. Only for columns where it is not `String(value)`. */
  readonly toText?: (value: unknown) => string;
}

/** Most columns can find and sort rows, some can only sort, and some can only be read. */
type ColumnUse = "find" | "sort" | "read";

export type AnyColumn = Column<unknown, unknown, ColumnUse>;

function checked<Value>(type: string, takes: (value: unknown) => boolean, otherwise: string): Column<Value> {
  const fit = (value: unknown) => {
    if (!takes(value)) throw new NotStorable(value, otherwise);
    return value;
  };
  return { sql: `${type} not null`, fit };
}

const text: Column<string> = { sql: "text not null", fit: storableText };

const integer: Column<number, number> = {
  sql: "integer not null",
  fit(value) {
    if (typeof value === "number" && (value | 0) === value) return value || 0; // not -0
    throw new NotStorable(
      value,
      "not a whole number from -2147483648 to 2147483647, but column.bigint holds larger ones",
    );
  },
};

const bigint: Column<string, string | number> = {
  sql: "bigint not null",
  fit(value) {
    const number = exact(value, /^[+-]?\d+$/, 'not a whole number as a text, such as "12"');
    if (BigInt.asIntN(64, BigInt(number)) === BigInt(number)) return number;
    throw new NotStorable(value, "a whole number of more than 64 bits, but column.decimal holds larger ones");
  },
};

const decimal: Column<string, string, "sort"> = {
  sql: "numeric not null",
  use: "sort",
  fit(value) {
    const number = exact(value, /^[+-]?\d+(\.\d+)?$/, 'not a number as a text, such as "12.50"');
    const [whole = "", fraction = ""] = number.replace("-", "").split(".");
    if (whole.length <= 131_072 && fraction.length <= 16_383) return number;
    throw new NotStorable(value, "a number with too many digits");
  },
};

function exact(value: unknown, pattern: RegExp, otherwise: string): string {
  const typed = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof typed !== "string" || !pattern.test(typed)) throw new NotStorable(value, otherwise);
  return canonicalNumber(typed);
}

/** Refuses types that JSON does not give back, and `null` alone: only a nullable column may be empty. */
type OnlyJson<Value> = [Value] extends [NonNullable<Json>]
  ? []
  : [Value] extends [NonNullable<JsonPart<Value>>]
    ? []
    : ["json does not give back every part of this type; for null, use nullable(column.json<…>())"];

type JsonPart<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : Value extends bigint | symbol | ((...args: never[]) => unknown)
    ? never
    : { [Name in keyof Value]: JsonPart<Value[Name]> };

function json(): Column<NonNullable<Json>, never, "read">;
function json<Value>(..._: OnlyJson<Value>): Column<Value, never, "read">;
function json(): Column<unknown, never, "read"> {
  return { sql: "jsonb not null", use: "read", fit: fitJson, toText: (value) => JSON.stringify(value) };
}

function fitJson(value: unknown): unknown {
  const copy = isFlat(value) ? { ...value } : JSON.parse(JSON.stringify(value) ?? "null");
  if (copy === null) throw new NotStorable(value, "not a value of JSON");
  checkTexts(copy);
  return copy;
}

/** True for an object that JSON gives back unchanged, like most payloads. For 2 KB, a copy takes 0.5 µs, and 20 µs through JSON. */
function isFlat(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return false;
  for (const part of Object.values(value)) {
    const isKept =
      typeof part === "string" || typeof part === "boolean" || (Number.isInteger(part) && part !== 0);
    if (!isKept) return false;
  }
  return true;
}

function checkTexts(value: unknown): void {
  if (typeof value === "string") storableText(value);
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) storableText(name);
  for (const part of Object.values(value)) checkTexts(part);
}

function list<Value>(
  element: Column<Value, unknown, "find" | "sort">,
): Column<readonly Value[], never, "read"> {
  return {
    sql: `${typeOf(element)}[] not null`,
    use: "read",
    fit(values) {
      if (!Array.isArray(values)) throw new NotStorable(values, "not a list");
      try {
        return Array.from(values, (value) => fitOrEmpty(element, value));
      } catch (error) {
        throw error instanceof NotStorable
          ? new NotStorable(values, `a list in which one element is ${error.why}`)
          : error;
      }
    },
    toText: (values) => (Array.isArray(values) ? `{${values.map(elementText).join(",")}}` : String(values)),
  };
}

function elementText(value: unknown): string {
  if (value === null) return "NULL";
  const text = value instanceof Date ? instantText(value) : String(value);
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

export const column = {
  uuid: checked<string>("uuid", isUuid, "not a UUID in lower case"),
  text,
  integer,
  /** A whole number of up to 64 bits, as a text: `views: column.bigint` holds "9007199254740993". */
  bigint,
  /** An exact decimal number, as a text: `price: column.decimal` holds "1234.50". */
  decimal,
  boolean: checked<boolean>("boolean", (value) => typeof value === "boolean", "neither true nor false"),
  /** A day of the calendar, "2026-11-20". */
  date: checked<string>("date", isCalendarDate, "not a day of the calendar (YYYY-MM-DD)"),
  /** An instant, to the millisecond. */
  time: checked<Date>("timestamptz(3)", isStorableInstant, "not a Date of the years 1 to 9999"),
  /** Any value of JSON, read and written as a whole: `settings: column.json<{ theme: string }>()`. */
  json,
  /** Several values of another column: `tags: column.list(column.text)`. */
  list,
};

/** A column that may be empty: `publication_date: nullable(column.date)`. */
export function nullable<Value, Step, Use extends ColumnUse>(
  column: Column<Value, Step, Use>,
): Column<Value | null, Step, Use> {
  return { ...column, sql: typeOf(column) };
}

export function isNullable({ sql }: AnyColumn): boolean {
  return !sql.endsWith(" not null");
}

export function typeOf({ sql }: AnyColumn): string {
  return sql.replace(/ not null$/, "");
}

export function fitOrEmpty(column: AnyColumn, value: unknown): unknown {
  if (value !== null && value !== undefined) return column.fit(value);
  if (isNullable(column)) return null;
  throw new NotStorable(value, "empty, but the column is not nullable(…)");
}
