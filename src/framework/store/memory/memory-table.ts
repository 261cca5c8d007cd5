import { type RowChange, rowKeyOf, type Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import { changed } from "../../projections/values.ts";

/** The rows of one table in memory. A changed row is a new object, so a copy of the table can share its rows. */
export class MemoryTable {
  readonly #table: Table;
  readonly #emptyRow: Values;
  readonly #rows: Map<string, Values>;

  constructor(table: Table, rows: Iterable<[string, Values]> = []) {
    this.#table = table;
    this.#emptyRow = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]));
    this.#rows = new Map(rows);
  }

  copy(): MemoryTable {
    return new MemoryTable(this.#table, this.#rows);
  }

  find(where: Values): Values[] {
    const isFound = (row: Values) =>
      Object.keys(where).every((name) => comparable(row[name]) === comparable(where[name]));
    return [...this.#rows.values()].filter(isFound);
  }

  write(change: RowChange): void {
    if ("values" in change) this.#put(change.values, change.kind);
    else if (change.kind === "delete") this.#delete(this.find(change.where));
    else this.#update(this.find(change.where), change.changes);
  }

  #update(found: readonly Values[], changes: Values): void {
    const moves = this.#table.primaryKey.some((name) => name in changes);
    if (moves) this.#delete(found);
    for (const row of found) this.#put(changed(this.#table, row, changes), moves ? "insert" : "upsert");
  }

  #delete(rows: readonly Values[]): void {
    for (const row of rows) this.#rows.delete(rowKeyOf(this.#table, row));
  }

  #put(values: Values, kind: "insert" | "upsert"): void {
    const { name, primaryKey } = this.#table;
    const key = rowKeyOf(this.#table, values);
    const known = this.#rows.get(key);
    if (known && kind === "insert") {
      const taken = primaryKey.map((column) => `${column} = ${String(values[column])}`).join(", ");
      throw new Error(`${name} has a row with ${taken} already`);
    }
    this.#rows.set(key, { ...this.#emptyRow, ...known, ...values });
  }
}

/** Two equal times may be two objects. */
function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}
