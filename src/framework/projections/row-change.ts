import type { BaseEvent } from "../messages/event.ts";
import type { Table } from "./table.ts";

export type Values = Readonly<Record<string, unknown>>;

/** One change of rows, as data. The changes of all projectors are gathered and sent together. */
export type RowChange =
  | {
      readonly kind: "insert" | "upsert";
      readonly table: Table;
      readonly values: Values;
      readonly cause?: ProjectedEvent | undefined;
    }
  | {
      readonly kind: "update";
      readonly table: Table;
      readonly where: Values;
      readonly changes: Values;
      readonly cause?: ProjectedEvent | undefined;
    }
  | {
      readonly kind: "delete";
      readonly table: Table;
      readonly where: Values;
      readonly cause?: ProjectedEvent | undefined;
    };

/** The projector and its event, for the error if the database refuses the change. */
export interface ProjectedEvent {
  readonly projector: string;
  readonly event: BaseEvent;
}

/** The values of a key as one text, to compare. No text in a database holds a NUL. */
export function textOfKey(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\0");
}

/** The rows of the views, inside a transaction. */
export interface Rows {
  /** Reads one row of a view and locks it until the end. */
  readRow(table: Table, where: Values): Promise<Values | undefined>;
  /** Writes row changes before the end, so that a later read or write finds them. */
  write(changes: readonly RowChange[]): Promise<void>;
}
