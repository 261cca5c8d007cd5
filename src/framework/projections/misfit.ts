import { type AnyColumn, isNullable } from "./column.ts";
import type { RowChange, Values } from "./row-change.ts";
import { Increment, type Table } from "./table.ts";

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

interface Misfit {
  readonly column: string;
  readonly why: string;
}

/** Why a row cannot be stored. Undefined if it can. */
export function misfitInRow(table: Table, row: Values): ValueDoesNotFit | undefined {
  const misfit = firstMisfit(table, Object.keys(table.columns), row);
  return misfit && new ValueDoesNotFit(table.name, misfit.column, misfit.why);
}

/** Finds the change that Postgres refused because of a value, and why: Postgres rarely names the column. */
export function refusedValue(
  changes: readonly RowChange[],
  options: ErrorOptions,
): { change: RowChange; error: ValueDoesNotFit } | undefined {
  const found = (change: RowChange, { column, why }: Misfit) => ({
    change,
    error: new ValueDoesNotFit(change.table.name, column, why, options),
  });
  for (const change of changes) {
    const misfit = misfitIn(change);
    if (misfit) return found(change, misfit);
  }
  // All given values fit, so it is a sum that does not.
  for (const change of changes) {
    const [first, ...others] = addedTo(change);
    if (first === undefined) continue;
    const or = others.map((name) => `, or ${name},`).join("");
    return found(change, { column: first, why: `it${or} adds up to more than it holds` });
  }
  return undefined;
}

function misfitIn(change: RowChange): Misfit | undefined {
  const { table } = change;
  if ("values" in change) return firstMisfit(table, Object.keys(table.columns), change.values);
  const changes = change.kind === "update" ? change.changes : {};
  const soughtBy = Object.keys(change.where).filter((name) => change.where[name] !== null);
  return firstMisfit(table, soughtBy, change.where) ?? firstMisfit(table, Object.keys(changes), changes);
}

function addedTo(change: RowChange): string[] {
  if (change.kind !== "update") return [];
  return Object.keys(change.changes).filter((name) => change.changes[name] instanceof Increment);
}

function firstMisfit({ columns }: Table, names: readonly string[], values: Values): Misfit | undefined {
  for (const name of names) {
    const column = columns[name];
    if (!column) continue; // Postgres reports the missing column
    const given = values[name];
    const value = given instanceof Increment ? given.by : (given ?? null);
    const why = value === null ? whyEmpty(column) : column.misfit?.(value);
    if (why) return { column: name, why };
  }
  return undefined;
}

function whyEmpty(column: AnyColumn): string | undefined {
  return isNullable(column) ? undefined : "it is empty, which only a column that is nullable(…) may be";
}
