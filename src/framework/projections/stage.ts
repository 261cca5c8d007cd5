import { readValues } from "./kept-values.ts";
import { type RowChange, textOfKey, type Values } from "./row-change.ts";
import { changed, Increment, sumOf, type Table } from "./table.ts";

/** Changes that can be made in any order, because no two touch the same row. */
export class Stage {
  readonly #rows = new Map<Table, Map<string, RowChange>>();
  readonly #manyRows: RowChange[] = [];

  /** False if the change must come after the changes in this stage. */
  add(change: RowChange): boolean {
    const { table } = change;
    const key = keyOfChange(change);
    if (key === undefined) {
      if (this.touches(table)) return false;
      this.#manyRows.push(change);
      return true;
    }
    if (this.#touchesMany(table)) return false;
    const rows = this.#rows.get(table);
    const earlier = rows?.get(key);
    const merged = earlier ? merge(earlier, change) : change;
    if (!merged) return false;
    if (rows) rows.set(key, merged);
    else this.#rows.set(table, new Map([[key, merged]]));
    return true;
  }

  touches(table: Table): boolean {
    return this.#rows.has(table) || this.#touchesMany(table);
  }

  #touchesMany(table: Table): boolean {
    return this.#manyRows.length > 0 && this.#manyRows.some((change) => change.table === table);
  }

  /** The row with this key, if this stage wrote all of it. */
  wholeRow(table: Table, key: string): Values | undefined {
    const change = this.#rows.get(table)?.get(key);
    if (change?.kind !== "insert") return undefined;
    return readValues(table, change.values);
  }

  changes(): RowChange[] {
    const changes: RowChange[] = [];
    for (const rows of this.#rows.values()) for (const change of rows.values()) changes.push(change);
    for (const change of this.#manyRows) changes.push(change);
    return changes;
  }
}

/** The primary key as one text, or undefined if a row is not found by its key alone. */
export function keyOf(table: Table, where: Values): string | undefined {
  return isByKey(table, where) ? rowKey(table, where) : undefined;
}

/** True if a row is found by its primary key alone. */
export function isByKey({ primaryKey }: Table, where: Values): boolean {
  let others = primaryKey.length;
  for (const name in where) {
    if (!primaryKey.includes(name) || where[name] === undefined) return false;
    others -= 1;
  }
  return others === 0;
}

/** The primary key as one text, or undefined if a part of it is missing. */
export function rowKey({ primaryKey }: Table, row: Values): string | undefined {
  if (primaryKey.length === 1) {
    const value = row[primaryKey[0] as string];
    if (typeof value === "string") return value;
  }
  const key = primaryKey.map((name) => row[name]);
  return key.includes(undefined) ? undefined : textOfKey(key);
}

/** The one row that a change touches. Undefined if it may touch several rows, or gives a row another key. */
export function keyOfChange(change: RowChange): string | undefined {
  const { table } = change;
  if ("values" in change) return rowKey(table, change.values);
  const moves = change.kind === "update" && table.primaryKey.some((name) => name in change.changes);
  return moves ? undefined : keyOf(table, change.where);
}

/** Merges two changes of one row. Undefined if the second must come after the first. */
function merge(earlier: RowChange, later: RowChange): RowChange | undefined {
  if (earlier.kind === "delete" || later.kind === "insert") return undefined;
  if (later.kind === "delete") return earlier.kind === "insert" ? undefined : later;
  if (earlier.kind === "update") {
    if (later.kind !== "update") return undefined;
    const { kind, table, where, changes, cause } = later;
    return { kind, table, where, changes: mergeValues(earlier.changes, changes), cause };
  }
  const { kind, table, cause } = earlier;
  const values = mergeValues(earlier.values, later.kind === "update" ? later.changes : later.values);
  const resolved = !Object.values(values).some((value) => value instanceof Increment);
  return resolved ? { kind, table, values, cause } : undefined;
}

function mergeValues(earlier: Values, later: Values): Values {
  const merged: Record<string, unknown> = { ...earlier };
  for (const name of Object.keys(later)) {
    const value = later[name];
    merged[name] = value instanceof Increment ? added(earlier[name], value) : value;
  }
  return merged;
}

function added(value: unknown, increment: Increment): unknown {
  if (value instanceof Increment) return new Increment(sumOf(value.by, increment.by));
  return value === undefined ? increment : changed(value, increment);
}
