import type { Json } from "../attribute.ts";

/** A column: its type in Postgres and, for the compiler alone, the type of its values. */
export interface Column<Value = unknown> {
  readonly sql: string;
  readonly value?: Value;
  /** A copy of a value as Postgres gives it back; only where that may differ from what it was given. */
  readonly keep?: (value: unknown) => unknown;
  /** A value as text for Postgres; only where `String` does not give it. */
  readonly toText?: (value: unknown) => string;
  /** True if no row is found by it. */
  readonly whole?: boolean;
}

/** A column whose values are only ever read and written whole. */
interface WholeColumn<Value> extends Column<Value> {
  readonly whole: true;
}

export const column = {
  uuid: { sql: "uuid not null" } as Column<string>,
  text: { sql: "text not null" } as Column<string>,
  integer: { sql: "integer not null" } as Column<number>,
  boolean: { sql: "boolean not null" } as Column<boolean>,
  /** A day of the calendar, "2026-11-20". */
  date: { sql: "date not null" } as Column<string>,
  /** An instant, to the millisecond. */
  time: { sql: "timestamptz(3) not null" } as Column<Date>,
  /** Anything that JSON can say, read and written whole: `settings: column.json<{ theme: string }>()`. */
  json: (() => json) as JsonColumn,
} as const;

const json = {
  sql: "jsonb not null",
  whole: true,
  keep: (value: unknown) => JSON.parse(JSON.stringify(value)),
  toText: (value: unknown) => JSON.stringify(value),
} satisfies Column;

interface JsonColumn {
  (): WholeColumn<NonNullable<Json>>;
  <Value>(..._: OnlyJson<Value>): WholeColumn<Value>;
}

/** Refuses what JSON does not give back. `null` alone is no value either: it is what a column that may be empty holds. */
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

/** A column that may be empty: `publication_date: nullable(column.date)`. */
export function nullable<Value>(column: WholeColumn<Value>): WholeColumn<Value | null>;
export function nullable<Value>(column: Column<Value>): Column<Value | null>;
export function nullable(column: Column): Column {
  return { ...column, sql: column.sql.replace(" not null", "") };
}

export type Columns = Readonly<Record<string, Column>>;

export interface Index<Name extends string = string> {
  /** Column names, each with its order if it is not ascending: `["published_at desc", "aggregate_id desc"]`. */
  readonly columns: readonly (Name | `${Name} desc`)[];
  readonly where?: string;
}

/** A table of a view: made, written and thrown away by the one projector that manages it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  readonly primaryKey: readonly string[];
  readonly indexes: readonly Index[];
  /** The columns with `keep`. */
  readonly kept: readonly string[];
}

/** The columns that rows are found by. */
type FindingName<C extends Columns> = {
  [Name in keyof C & string]: C[Name] extends { whole: true } ? never : Name;
}[keyof C & string];
type NullableNames<C extends Columns> = {
  [Name in keyof C]: null extends NonNullable<C[Name]["value"]> | Extract<C[Name]["value"], null>
    ? Name
    : never;
}[keyof C];
type ValueIn<C extends Columns, Name extends keyof C> = C[Name] extends Column<infer Value> ? Value : never;

/** A row as it is read. */
export type RowOf<T> = T extends Table<infer C> ? { [Name in keyof C]: ValueIn<C, Name> } : never;

/** A row as it is created: a column that may be empty may be left out. */
export type NewRowOf<T> =
  T extends Table<infer C>
    ? { readonly [Name in Exclude<keyof C, NullableNames<C>>]: ValueIn<C, Name> } & {
        readonly [Name in NullableNames<C>]?: ValueIn<C, Name>;
      }
    : never;

/** The values that a row, or several, are found by. */
export type WhereOf<T> =
  T extends Table<infer C> ? { readonly [Name in FindingName<C>]?: ValueIn<C, Name> } : never;

/** The new values of columns; those of numbers may also be `increment(by)`. */
export type ChangesOf<T> =
  T extends Table<infer C>
    ? {
        readonly [Name in keyof C]?:
          | ValueIn<C, Name>
          | (number extends ValueIn<C, Name> ? Added<C[Name]> : never);
      }
    : never;

type Added<C> = C extends { whole: true } ? never : Increment;

/**
 * Declares a table of a view and, by `RowOf`, the type of its rows:
 *
 *     export const authorRecords = table("author_records", {
 *       columns: { aggregate_id: column.uuid, name: column.text },
 *       primaryKey: ["aggregate_id"],
 *     });
 */
export function table<const C extends Columns>(
  name: string,
  {
    columns,
    primaryKey,
    indexes = [],
  }: { columns: C; primaryKey: readonly FindingName<C>[]; indexes?: readonly Index<FindingName<C>>[] },
): Table<C> {
  const kept = Object.keys(columns).filter((column) => columns[column]?.keep);
  return { name, columns, primaryKey, indexes, kept };
}

/** What is added to the number that a column holds, whatever it is by then. */
export class Increment {
  readonly by: number;

  constructor(by: number) {
    this.by = by;
  }
}

/** What a column holds after a change: an increment of what is empty stays empty, as in a database. */
export function changed(current: unknown, value: unknown): unknown {
  if (!(value instanceof Increment)) return value;
  return typeof current === "number" ? current + value.by : null;
}

/** `this.update(authorRecords, { aggregate_id }, { published_posts: increment(1) })` */
export function increment(by: number): Increment {
  return new Increment(by);
}
