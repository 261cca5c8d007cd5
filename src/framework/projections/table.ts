import { exactSum } from "../attributes/numbers.ts";
import type { AnyColumn, Column } from "./column.ts";

type Columns = Readonly<Record<string, AnyColumn>>;

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
}

type FindingName<C extends Columns> = NameFor<C, "find">;
type SortingName<C extends Columns> = NameFor<C, "find" | "sort">;
type NameFor<C extends Columns, Use> = {
  [Name in keyof C & string]: NonNullable<C[Name]["use"]> extends Use ? Name : never;
}[keyof C & string];
type NullableNames<C extends Columns> = {
  [Name in keyof C]: null extends ValueOf<C[Name]> ? Name : never;
}[keyof C];
type ValueOf<C extends AnyColumn> = C extends Column<infer Value, unknown, infer _> ? Value : never;

/** A row as it is read. */
export type RowOf<T extends Table> = { [Name in keyof T["columns"]]: ValueOf<T["columns"][Name]> };

/** A row as it is created. Nullable columns may be left out. */
export type NewRowOf<T extends Table> = {
  readonly [Name in Exclude<keyof T["columns"], NullableNames<T["columns"]>>]: ValueOf<T["columns"][Name]>;
} & {
  readonly [Name in NullableNames<T["columns"]>]?: ValueOf<T["columns"][Name]>;
};

/** The values by which one row or several are found. */
export type WhereOf<T extends Table> = {
  readonly [Name in FindingName<T["columns"]>]?: ValueOf<T["columns"][Name]>;
};

/** The new values of columns. For a number, this may also be `increment(by)`. */
export type ChangesOf<T extends Table> = {
  readonly [Name in keyof T["columns"]]?:
    | ValueOf<T["columns"][Name]>
    | IncrementOf<NonNullable<T["columns"][Name]["step"]>>;
};

type IncrementOf<Step> = [Step] extends [never] ? never : Increment<Step>;

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
  return { name, columns, primaryKey, indexes };
}

/** A number to add to the present number of a column. */
export class Increment<Step = unknown> {
  readonly by: Step;

  constructor(by: Step) {
    this.by = by;
  }
}

/** `this.update(authorRecords, { aggregate_id }, { published_posts: increment(1), earned: increment("12.50") })` */
export function increment<Step extends number | string>(by: Step): Increment<Step> {
  return new Increment(by);
}

export function sumOf(one: unknown, other: unknown): number | string {
  if (typeof one === "number" && typeof other === "number") return one + other;
  return exactSum(String(one), String(other));
}
