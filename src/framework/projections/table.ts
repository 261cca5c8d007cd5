import { exactSum } from "../attributes/numbers.ts";
import type { AnyColumn, Column } from "./column.ts";

export type Columns = Readonly<Record<string, AnyColumn>>;

export interface Index<Name extends string = string> {
  /** Column names, each with its order if it is not ascending: `["published_at desc", "aggregate_id desc"]`. */
  readonly columns: readonly (Name | `${Name} desc`)[];
  readonly where?: string;
}

/** A table of a view. One projector manages it: makes it, writes it and drops it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  readonly primaryKey: readonly string[];
  readonly indexes: readonly Index[];
  /** The columns that have a `keep`. */
  readonly kept: readonly string[];
}

/** The columns by which rows can be found. */
type FindingName<C extends Columns> = NameFor<C, "find">;
type SortingName<C extends Columns> = NameFor<C, "find" | "sort">;
type NameFor<C extends Columns, Use> = {
  [Name in keyof C & string]: NonNullable<C[Name]["use"]> extends Use ? Name : never;
}[keyof C & string];
type NullableNames<C extends Columns> = {
  [Name in keyof C]: null extends NonNullable<C[Name]["value"]> | Extract<C[Name]["value"], null>
    ? Name
    : never;
}[keyof C];
type ValueIn<C extends Columns, Name extends keyof C> =
  C[Name] extends Column<infer Value, unknown, infer _> ? Value : never;

/** A row as it is read. */
export type RowOf<T> = T extends Table<infer C> ? { [Name in keyof C]: ValueIn<C, Name> } : never;

/** A row as it is created. Nullable columns may be left out. */
export type NewRowOf<T> =
  T extends Table<infer C>
    ? { readonly [Name in Exclude<keyof C, NullableNames<C>>]: ValueIn<C, Name> } & {
        readonly [Name in NullableNames<C>]?: ValueIn<C, Name>;
      }
    : never;

/** The values by which one row or several are found. */
export type WhereOf<T> =
  T extends Table<infer C> ? { readonly [Name in FindingName<C>]?: ValueIn<C, Name> } : never;

/** The new values of columns. For a number, this may also be `increment(by)`. */
export type ChangesOf<T> =
  T extends Table<infer C>
    ? { readonly [Name in keyof C]?: ValueIn<C, Name> | IncrementOf<NonNullable<C[Name]["step"]>> }
    : never;

type IncrementOf<Step> = [Step] extends [never] ? never : Increment<Step & By>;

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
  }: { columns: C; primaryKey: readonly FindingName<C>[]; indexes?: readonly Index<SortingName<C>>[] },
): Table<C> {
  const kept = Object.keys(columns).filter((column) => columns[column]?.keep);
  return { name, columns, primaryKey, indexes, kept };
}

type By = number | string;

/** A number to add to the present number of a column. */
export class Increment<Step extends By = By> {
  readonly by: Step;

  constructor(by: Step) {
    this.by = by;
  }
}

/** The value of a column after a change. An increment of an empty column leaves it empty, as in a database. */
export function changed(current: unknown, value: unknown): unknown {
  if (!(value instanceof Increment)) return value;
  return typeof current === "number" || typeof current === "string" ? sumOf(current, value.by) : null;
}

export function sumOf(one: By, other: By): By {
  if (typeof one === "number" && typeof other === "number") return one + other;
  return exactSum(String(one), String(other));
}

/** `this.update(authorRecords, { aggregate_id }, { published_posts: increment(1), earned: increment("12.50") })` */
export function increment<Step extends By>(by: Step): Increment<Step> {
  return new Increment(by);
}
