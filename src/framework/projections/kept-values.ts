import { NotStorable } from "../attributes/attribute.ts";
import { ValueDoesNotFit } from "./misfit.ts";
import type { Values } from "./row-change.ts";
import { Increment, type Table } from "./table.ts";

/** A copy of the values, as Postgres gives them back. Most tables have no column that needs one. */
export function keptValues(table: Table, values: Values): Values {
  if (table.kept.length === 0) return values;
  const copy: Record<string, unknown> = { ...values };
  for (const name of table.kept) {
    const value = copy[name];
    if (value !== undefined && value !== null) copy[name] = kept(table, name, value);
  }
  return copy;
}

/** A row as Postgres would give it back, with all columns. */
export function readValues(table: Table, row: Values): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(table.columns)) {
    const value = row[name] ?? null;
    if (value === 0)
      values[name] = 0; // not -0
    else values[name] = value !== null && table.kept.includes(name) ? kept(table, name, value) : value;
  }
  return values;
}

function kept(table: Table, name: string, value: unknown): unknown {
  const keep = table.columns[name]?.keep as (value: unknown) => unknown;
  try {
    return value instanceof Increment ? new Increment(keep(value.by) as string) : keep(value);
  } catch (error) {
    if (!(error instanceof NotStorable)) throw error;
    throw new ValueDoesNotFit(table.name, name, `it is ${error.why}`);
  }
}
