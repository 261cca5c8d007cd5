import { type Json, NotStorable } from "../attributes/attribute.ts";
import { isCalendarDate, isStorableInstant } from "../attributes/dates.ts";
import { canonicalNumber } from "../attributes/numbers.ts";
import { instantText } from "../attributes/serialization.ts";
import { isUuid, storableText } from "../attributes/texts.ts";

/** A column: its type in Postgres, how it handles values, and the types of the values for the compiler. */
export interface Column<Value = unknown, Step = never, Use extends ColumnUse = "find"> {
  readonly sql: string;
  readonly value?: Value;
  /** The type that `increment` takes. */
  readonly step?: Step;
  readonly use?: Use;
  /** Why Postgres refuses a value. Undefined if it does not. */
  readonly misfit?: (value: unknown) => string | undefined;
  /** The value as Postgres gives it back, or throws `NotStorable`. Only for columns where the two may differ. */
  readonly keep?: (value: unknown) => unknown;
  /** The text of a value for Postgres. Only for columns where it is not `String(value)`. */
  readonly toText?: (value: unknown) => string;
}

/** Most columns can find and sort rows, some can only sort, and some can only be read. */
type ColumnUse = "find" | "sort" | "read";

export type AnyColumn = Column<unknown, unknown, ColumnUse>;

const exact = (pattern: RegExp, why: string) => (value: unknown) => {
  const typed = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof typed !== "string" || !pattern.test(typed)) throw new NotStorable(value, why);
  return canonicalNumber(typed);
};

const text: Column<string> = {
  sql: "text not null",
  misfit(value) {
    try {
      storableText(value);
    } catch (error) {
      return `it is ${(error as NotStorable).why}`;
    }
    return undefined;
  },
};

const integer: Column<number, number> = {
  sql: "integer not null",
  misfit: (value) =>
    Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 31
      ? undefined
      : "it is not a whole number from -2147483648 to 2147483647, but column.bigint holds larger ones",
};

const bigint: Column<string, string | number> = {
  sql: "bigint not null",
  keep: exact(/^[+-]?\d+$/, 'not a whole number as a text, such as "12"'),
  misfit: (value) =>
    BigInt.asIntN(64, BigInt(value as string)) === BigInt(value as string)
      ? undefined
      : "it is a whole number of more than 64 bits, but column.decimal holds larger ones",
};

const decimal: Column<string, string, "sort"> = {
  sql: "numeric not null",
  use: "sort",
  keep: exact(/^[+-]?\d+(\.\d+)?$/, 'not a number as a text, such as "12.50"'),
  misfit(value) {
    const [whole = "", fraction = ""] = (value as string).replace("-", "").split(".");
    return whole.length > 131_072 || fraction.length > 16_383 ? "it has too many digits" : undefined;
  },
};

const json: Column<unknown, never, "read"> = {
  sql: "jsonb not null",
  use: "read",
  keep(value) {
    if (isFlat(value)) return { ...value };
    const text = JSON.stringify(value);
    if (text === undefined) throw new NotStorable(value, "not a value of JSON");
    return JSON.parse(text);
  },
  toText: (value) => JSON.stringify(value),
  misfit: (value) => misfitInJson(value),
};

/** True for an object that JSON gives back unchanged, as most payloads of events. Copying 2 KB takes 0.5 µs, and 20 through JSON. */
function isFlat(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return false;
  for (const part of Object.values(value)) {
    const isExact =
      typeof part === "string" || typeof part === "boolean" || (Number.isInteger(part) && part !== 0);
    if (!isExact) return false;
  }
  return true;
}

export const column = {
  uuid: {
    sql: "uuid not null",
    misfit: (value) => (isUuid(value) ? undefined : "it is not an id, in lower case"),
  } as Column<string>,
  text,
  integer,
  /** A whole number of up to 64 bits, as a text: `views: column.bigint` holds "9007199254740993". */
  bigint,
  /** An exact decimal number, as a text: `price: column.decimal` holds "1234.50". */
  decimal,
  boolean: {
    sql: "boolean not null",
    misfit: (value) => (typeof value === "boolean" ? undefined : "it is neither true nor false"),
  } as Column<boolean>,
  /** A day of the calendar, "2026-11-20". */
  date: {
    sql: "date not null",
    misfit: (value) => (isCalendarDate(value) ? undefined : "it is not a day of the calendar (YYYY-MM-DD)"),
  } as Column<string>,
  /** An instant, to the millisecond. */
  time: {
    sql: "timestamptz(3) not null",
    misfit: (value) => (isStorableInstant(value) ? undefined : "it is not a Date of the years 1 to 9999"),
  } as Column<Date>,
  /** Any value of JSON, read and written as a whole: `settings: column.json<{ theme: string }>()`. */
  json: (() => json) as JsonColumn,
  /** Several values of another column: `tags: column.list(column.text)`. */
  list,
} as const;

/** A column that may be empty: `publication_date: nullable(column.date)`. */
export function nullable<Value, Step, Use extends ColumnUse>(
  column: Column<Value, Step, Use>,
): Column<Value | null, Step, Use> {
  return { ...(column as AnyColumn), sql: typeOf(column) } as Column<Value | null, Step, Use>;
}

export function isNullable({ sql }: AnyColumn): boolean {
  return !sql.endsWith(" not null");
}

function list<Value>(
  element: Column<Value, unknown, "find" | "sort">,
): Column<readonly Value[], never, "read"> {
  const { keep = neverEmpty, misfit = () => undefined } = element;
  const isEmpty = (value: unknown) => value === null || value === undefined;
  return {
    sql: `${typeOf(element)}[] not null`,
    use: "read",
    keep(values) {
      if (!Array.isArray(values)) throw new NotStorable(values, "not a list");
      return Array.from(values, (value) => {
        if (!isEmpty(value)) return keep(value);
        if (isNullable(element)) return null;
        throw new NotStorable(values, "a list with an empty element");
      });
    },
    toText: (values) => `{${(values as unknown[]).map(elementText).join(",")}}`,
    misfit(values) {
      for (const value of values as unknown[]) {
        const why = isEmpty(value) ? undefined : misfit(value);
        if (why) return `in its list, ${why}`;
      }
      return undefined;
    },
  };
}

/** Postgres refuses the text of an invalid number or instant; JSON would turn it into null. Zero has no sign. */
function neverEmpty(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value || 0 : String(value);
  return value instanceof Date && Number.isNaN(value.getTime()) ? instantText(value) : value;
}

function elementText(value: unknown): string {
  if (value === null) return "NULL";
  const text = value instanceof Date ? instantText(value) : String(value);
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

export function typeOf({ sql }: AnyColumn): string {
  return sql.replace(/ not null$/, "");
}

function misfitInJson(value: unknown): string | undefined {
  if (typeof value === "string") return text.misfit?.(value);
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const why = text.misfit?.(name) ?? misfitInJson(part);
    if (why) return why;
  }
  return undefined;
}

interface JsonColumn {
  (): Column<NonNullable<Json>, never, "read">;
  <Value>(..._: OnlyJson<Value>): Column<Value, never, "read">;
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
