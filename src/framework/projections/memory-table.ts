import type { Values } from "./row-change.ts";
import { rowKey } from "./stage.ts";
import { changed, type Table } from "./table.ts";

type Row = Record<string, unknown>;

/**
 * The rows of one table in memory. An index is made when it is first needed, because in many tables rows are only created.
 * The database checks missing values and duplicate keys.
 */
export class MemoryTable {
  readonly #table: Table;
  /** All columns, so every row has the same ones in the same order: V8 changes such objects fastest. */
  readonly #empty: Row;
  #rows: Row[] = [];
  readonly #removed = new Set<Row>();
  #byKey: Map<string, Row> | undefined;
  readonly #byColumn = new Map<string, Map<unknown, Set<Row>>>();

  constructor(table: Table) {
    this.#table = table;
    this.#empty = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]));
  }

  get size(): number {
    return this.#rows.length - this.#removed.size;
  }

  rows(): Iterable<Values> {
    if (this.#removed.size > 0) {
      this.#rows = this.#rows.filter((row) => !this.#removed.has(row));
      this.#removed.clear();
    }
    return this.#rows;
  }

  insert(values: Values): void {
    const row = { ...this.#empty };
    for (const name in values) row[name] = values[name] ?? null;
    this.#rows.push(row);
    this.#index(row);
  }

  /** The row with the same key as this row, or with these values as its key. */
  get(values: Values): Row | undefined {
    const key = rowKey(this.#table, values);
    return key === undefined ? undefined : this.#keyed().get(key);
  }

  /** Changes a row that keeps its key. */
  change(row: Row, changes: Values): void {
    const isIndexed = this.#byColumn.size > 0;
    if (isIndexed)
      for (const [name, index] of this.#byColumn) if (name in changes) removeFrom(index, row, name);
    for (const name in changes) row[name] = changed(row[name], changes[name]);
    if (isIndexed) for (const [name, index] of this.#byColumn) if (name in changes) addTo(index, row, name);
  }

  /** Changes all rows that match. They may get another key. */
  update(where: Values, changes: Values): void {
    const rows = this.find(where);
    if (!this.#table.primaryKey.some((name) => name in changes)) {
      for (const row of rows) this.change(row, changes);
      return;
    }
    for (const row of rows) this.#unindex(row);
    for (const row of rows) {
      for (const name in changes) row[name] = changed(row[name], changes[name]);
      this.#index(row);
    }
  }

  delete(where: Values): void {
    for (const row of this.find(where)) {
      this.#unindex(row);
      this.#removed.add(row);
    }
  }

  find(where: Values): Row[] {
    const names = Object.keys(where);
    const found: Row[] = [];
    for (const row of this.#candidates(where)) {
      if (names.every((name) => plain(row[name]) === plain(where[name]))) found.push(row);
    }
    return found;
  }

  #candidates(where: Values): Iterable<Row> {
    const { primaryKey, indexes } = this.#table;
    if (primaryKey.every((name) => name in where)) {
      const row = this.get(where);
      return row ? [row] : [];
    }
    const leading = [primaryKey[0], ...indexes.map(({ columns }) => columns[0]?.replace(/ desc$/, ""))];
    const name = leading.find((each) => each !== undefined && each in where);
    return name === undefined ? (this.rows() as Row[]) : (this.#indexed(name).get(plain(where[name])) ?? []);
  }

  #index(row: Row): void {
    if (this.#byKey) addByKey(this.#byKey, row, this.#table);
    for (const [name, index] of this.#byColumn) addTo(index, row, name);
  }

  #unindex(row: Row): void {
    this.#byKey?.delete(rowKey(this.#table, row) ?? "");
    for (const [name, index] of this.#byColumn) removeFrom(index, row, name);
  }

  #keyed(): Map<string, Row> {
    if (!this.#byKey) {
      this.#byKey = new Map();
      for (const row of this.rows() as Row[]) addByKey(this.#byKey, row, this.#table);
    }
    return this.#byKey;
  }

  #indexed(name: string): Map<unknown, Set<Row>> {
    let index = this.#byColumn.get(name);
    if (!index) {
      index = new Map();
      for (const row of this.rows() as Row[]) addTo(index, row, name);
      this.#byColumn.set(name, index);
    }
    return index;
  }
}

/** Two rows of a table have the same key. */
export class KeyTaken extends Error {
  constructor({ name, primaryKey }: Table, row: Values) {
    const key = primaryKey.map((column) => `${column} = ${String(row[column])}`).join(", ");
    super(`${name} has a row with ${key} already`);
  }
}

function addByKey(byKey: Map<string, Row>, row: Row, table: Table): void {
  const key = rowKey(table, row);
  if (key === undefined) return; // the database refuses it
  if (byKey.has(key)) throw new KeyTaken(table, row);
  byKey.set(key, row);
}

function addTo(index: Map<unknown, Set<Row>>, row: Row, name: string): void {
  const value = plain(row[name]);
  const rows = index.get(value);
  if (rows) rows.add(row);
  else index.set(value, new Set([row]));
}

function removeFrom(index: Map<unknown, Set<Row>>, row: Row, name: string): void {
  index.get(plain(row[name]))?.delete(row);
}

/** Two equal times may be two objects, and a column that was left out is empty. */
function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : (value ?? null);
}
