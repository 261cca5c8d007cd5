import { isDeepStrictEqual } from "node:util";
import { readValues } from "../../projections/kept-values.ts";
import { misfitInRow } from "../../projections/misfit.ts";
import { ProjectorFailed } from "../../projections/projector.ts";
import type { RowChange, Values } from "../../projections/row-change.ts";
import { changed, type Table } from "../../projections/table.ts";

type Row = Record<string, unknown>;

/** The tables of the views, in memory. */
export class InMemoryRows {
  #tables = new Map<string, Map<string, Row>>();

  all(table: Table): Row[] {
    return this.#rowsOf(table).map((row) => readValues(table, row));
  }

  find(table: Table, where: Values): Row | undefined {
    const row = this.#rowsOf(table).find((row) => matches(row, where));
    return row && readValues(table, row);
  }

  /** If a change throws, the transaction goes back to its snapshot. */
  apply(changes: readonly RowChange[]): void {
    for (const change of changes) this.#apply(change);
  }

  snapshot(): Map<string, Map<string, Row>> {
    return new Map([...this.#tables].map(([name, rows]) => [name, new Map(rows)]));
  }

  restore(tables: Map<string, Map<string, Row>>): void {
    this.#tables = tables;
  }

  #rowsOf({ name }: Table): Row[] {
    return [...(this.#tables.get(name)?.values() ?? [])];
  }

  #apply(change: RowChange): void {
    const { table } = change;
    const rows = this.#tables.get(table.name) ?? new Map<string, Row>();
    this.#tables.set(table.name, rows);
    if ("values" in change) {
      const key = keyOf(table, change.values);
      const existing = rows.get(key);
      if (existing && change.kind === "insert")
        throw failed(change, new Error(`${table.name}: a row ${key} exists`));
      put(rows, change, { ...(existing ?? emptyRow(table)), ...change.values });
      return;
    }
    const found = [...rows].filter(([, row]) => matches(row, change.where));
    for (const [key] of found) rows.delete(key);
    if (change.kind === "delete") return;
    for (const [, row] of found) {
      const after = changedRow(row, change.changes);
      if (rows.has(keyOf(table, after)))
        throw failed(change, new Error(`${table.name}: a row with this key exists`));
      put(rows, change, after);
    }
  }
}

/** Refuses the values that Postgres would refuse. */
function put(rows: Map<string, Row>, change: RowChange, row: Row): void {
  const { table } = change;
  const misfit = misfitInRow(table, row);
  if (misfit) throw failed(change, misfit);
  rows.set(keyOf(table, row), row);
}

function keyOf({ primaryKey }: Table, row: Values): string {
  return JSON.stringify(primaryKey.map((name) => row[name]));
}

function emptyRow({ columns }: Table): Row {
  return Object.fromEntries(Object.keys(columns).map((name) => [name, null]));
}

function matches(row: Row, where: Values): boolean {
  // The first comparison is for 0 and -0, which are the same in a database.
  return Object.entries(where).every(
    ([name, value]) => row[name] === value || isDeepStrictEqual(row[name], value),
  );
}

function changedRow(row: Row, changes: Values): Row {
  const after = { ...row };
  for (const [name, value] of Object.entries(changes)) after[name] = changed(row[name], value);
  return after;
}

function failed({ cause }: RowChange, error: Error): Error {
  return cause ? new ProjectorFailed(cause.projector, cause.event, { cause: error }) : error;
}
