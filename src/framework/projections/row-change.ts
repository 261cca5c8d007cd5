import type { BaseEvent } from "../messages/event.ts";
import type { Table } from "./table.ts";

export type Values = Readonly<Record<string, unknown>>;

/** One change of rows, as data. The changes of all projectors are gathered and sent together. */
export type RowChange = { readonly table: Table; readonly cause?: ProjectedEvent | undefined } & (
  | { readonly kind: "insert" | "upsert"; readonly values: Values }
  | { readonly kind: "update"; readonly where: Values; readonly changes: Values }
  | { readonly kind: "delete"; readonly where: Values }
);

/** The projector and its event, for the error if the database refuses the change. */
export interface ProjectedEvent {
  readonly projector: string;
  readonly event: BaseEvent;
}

/** The rows of the views, inside a transaction. */
export interface Rows {
  /** Reads one row of a view and locks it until the end. */
  readRow(table: Table, where: Values): Promise<Values | undefined>;
  /** Writes row changes before the end, so that a later read or write finds them. */
  write(changes: readonly RowChange[]): Promise<void>;
}

/** The one row that a change touches. Undefined if it may touch several rows, or gives a row another key. */
export function keyOfChange(change: RowChange): string | undefined {
  const { table } = change;
  if ("values" in change) return rowKeyOf(table, change.values);
  const moves = change.kind === "update" && table.primaryKey.some((name) => name in change.changes);
  return moves ? undefined : keyIn(table, change.where);
}

/** The primary key as one text, or undefined if a row is not found by its key alone. */
export function keyIn(table: Table, where: Values): string | undefined {
  const { primaryKey } = table;
  for (const name in where) if (!primaryKey.includes(name)) return undefined;
  return primaryKey.every((name) => name in where) ? rowKeyOf(table, where) : undefined;
}

export function rowKeyOf({ primaryKey }: Table, row: Values): string {
  const [first = "", ...others] = primaryKey;
  if (others.length === 0 && typeof row[first] === "string") return row[first];
  return textOfKey(primaryKey.map((name) => row[name]));
}

/** The values of a key as one text, to compare. No text in a database holds a NUL. */
export function textOfKey(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\0");
}
