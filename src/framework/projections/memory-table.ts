import { keyIn, type RowChange, rowKeyOf, type Values } from "./row-change.ts";
import type { Table } from "./table.ts";
import { changed } from "./values.ts";

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

  get size(): number {
    return this.#rows.size;
  }

  rows(): Values[] {
    return [...this.#rows.values()];
  }

  copy(): MemoryTable {
    return new MemoryTable(this.#table, this.#rows);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  find(where: Values): Values[] {
    const key = keyIn(this.#table, where);
    if (key === undefined) {
      const names = Object.keys(where);
      return this.rows().filter((row) => names.every((name) => plain(row[name]) === plain(where[name])));
    }
    const row = this.#rows.get(key);
    return row ? [row] : [];
  }

  write(change: RowChange): void {
    if ("values" in change) this.#put(change.values, change.kind);
    else if (change.kind === "update") this.#update(change.where, change.changes);
    else for (const row of this.find(change.where)) this.#rows.delete(rowKeyOf(this.#table, row));
  }

  #put(values: Values, kind: "insert" | "upsert"): void {
    const key = rowKeyOf(this.#table, values);
    const known = this.#rows.get(key);
    if (known && kind === "insert") throw new KeyTaken(this.#table, known);
    this.#rows.set(key, kind === "insert" ? values : { ...(known ?? this.#emptyRow), ...values });
  }

  #update(where: Values, changes: Values): void {
    const found = this.find(where);
    const moves = this.#table.primaryKey.some((name) => name in changes);
    if (moves) for (const row of found) this.#rows.delete(rowKeyOf(this.#table, row));
    for (const row of found) {
      const after = changed(this.#table, row, changes);
      if (moves) this.#put(after, "insert");
      else this.#rows.set(rowKeyOf(this.#table, row), after);
    }
  }
}

/** Two equal times may be two objects. */
function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

/** Two rows of a table have the same key. */
export class KeyTaken extends Error {
  constructor({ name, primaryKey }: Table, row: Values) {
    const key = primaryKey.map((column) => `${column} = ${String(row[column])}`).join(", ");
    super(`${name} has a row with ${key} already`);
  }
}
