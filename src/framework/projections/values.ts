import { NotStorable } from "../attributes/attribute.ts";
import { fitOrEmpty } from "./column.ts";
import type { RowChange, Values } from "./row-change.ts";
import { Increment, sumOf, type Table } from "./table.ts";

/** A column cannot hold a value. The message does not show the value, because it may be personal. */
export class ValueDoesNotFit extends TypeError {
  readonly table: string;
  readonly column: string;

  constructor(table: string, column: string, why: string, options?: ErrorOptions) {
    super(`${table}.${column} cannot hold the value: ${why}`, options);
    this.table = table;
    this.column = column;
  }
}

/** The values, each as Postgres gives it back. */
export function fitting(table: Table, given: Values): Values {
  let values: Record<string, unknown> | undefined;
  for (const name in given) {
    const value = fittingValue(table, name, given[name]);
    if (Object.is(value, given[name])) continue;
    values ??= { ...given };
    values[name] = value;
  }
  return values ?? given;
}

/** The same for a whole row. A column that is left out is empty. */
export function fittingRow(table: Table, given: Values): Values {
  const row: Record<string, unknown> = {};
  for (const name in table.columns) row[name] = fittingValue(table, name, given[name]);
  return row;
}

/** Values after a change. An increment of an empty column leaves it empty, as in a database. */
export function changed(table: Table, values: Values, changes: Values): Values {
  const after: Record<string, unknown> = { ...values };
  for (const name in changes) {
    const [known, value] = [after[name], changes[name]];
    if (!(value instanceof Increment) || known === undefined) after[name] = value;
    else if (known instanceof Increment) after[name] = new Increment(sumOf(known.by, value.by));
    else if (known !== null) after[name] = fittingValue(table, name, sumOf(known, value.by));
  }
  return after;
}

function fittingValue({ name, columns }: Table, columnName: string, value: unknown): unknown {
  const column = columns[columnName];
  if (!column) return value; // Postgres reports the missing column
  try {
    return value instanceof Increment
      ? new Increment(fitOrEmpty(column, value.by))
      : fitOrEmpty(column, value);
  } catch (error) {
    if (!(error instanceof NotStorable)) throw error;
    throw new ValueDoesNotFit(name, columnName, `it is ${error.why}`);
  }
}

/** Postgres does not name the column of a number that is too large. All given values fit, so a sum does not. */
export function tooLargeSum(
  changes: readonly RowChange[],
  options: ErrorOptions,
): { change: RowChange; error: ValueDoesNotFit } | undefined {
  for (const change of changes) {
    const added = change.kind === "update" ? Object.entries(change.changes) : [];
    const [first, ...others] = added.flatMap(([name, value]) => (value instanceof Increment ? name : []));
    if (first === undefined) continue;
    const or = others.map((name) => ` (or that of ${name})`).join("");
    const why = `its sum${or} is too large`;
    return { change, error: new ValueDoesNotFit(change.table.name, first, why, options) };
  }
  return undefined;
}
