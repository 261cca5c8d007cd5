/** A column: its type in Postgres and, for the compiler alone, the type of its values. */
export interface Column<Value = unknown> {
  readonly sql: string;
  readonly value?: Value;
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
} as const;

/** A column that may be empty: `publication_date: nullable(column.date)`. */
export function nullable<Value>({ sql }: Column<Value>): Column<Value | null> {
  return { sql: sql.replace(" not null", "") };
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
}

type ColumnName<C extends Columns> = keyof C & string;
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
export type WhereOf<T> = T extends Table<infer C> ? { readonly [Name in keyof C]?: ValueIn<C, Name> } : never;

/** The new values of columns; those of numbers may also be `increment(by)`. */
export type ChangesOf<T> =
  T extends Table<infer C>
    ? {
        readonly [Name in keyof C]?: ValueIn<C, Name> | (number extends ValueIn<C, Name> ? Increment : never);
      }
    : never;

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
  }: { columns: C; primaryKey: readonly ColumnName<C>[]; indexes?: readonly Index<ColumnName<C>>[] },
): Table<C> {
  return { name, columns, primaryKey, indexes };
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
