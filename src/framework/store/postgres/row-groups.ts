import { instantText } from "../../attributes/serialization.ts";
import { type RowChange, textOfKey, type Values } from "../../projections/row-change.ts";
import { Increment } from "../../projections/table.ts";
import { type RowShape, shapeOf, viewSchema } from "./row-sql.ts";

/** Changes of rows, as the parts of a statement that write them. */
export interface RowGroups {
  /** The same for all changes that the same text writes. */
  readonly key: string;
  /** Each takes its rows from one parameter; these are numbered from `first`. */
  parts(first: number): string[];
  parameters(): string[];
}

interface Group {
  readonly shape: RowShape;
  readonly changes: RowChange[];
}

/** Groups and rows are sorted: everybody locks rows in one order, and the same kinds of changes are always the same text. */
export function rowGroups(changes: readonly RowChange[], schema = viewSchema): RowGroups {
  const groups = groupsOf(changes);
  return {
    key: `${schema} ${groups.map(({ shape, changes }) => `${shape.id}x${limitOf(changes)}`).join(" ")}`,
    parts: (first) =>
      groups.map(({ shape, changes }, index) => {
        const sql = shape.sql({ schema, limit: limitOf(changes), rows: `$${first + index}::json` });
        return `rows_${index + 1} as (${sql})`;
      }),
    parameters: () => groups.map(({ changes }) => JSON.stringify(sortedRows(changes).map(rowOf))),
  };
}

function groupsOf(changes: readonly RowChange[]): Group[] {
  const groups = new Map<RowShape, Group>();
  for (const change of changes) {
    const shape = shapeOf(change);
    const group = groups.get(shape);
    if (group) group.changes.push(change);
    else groups.set(shape, { shape, changes: [change] });
  }
  return [...groups.values()].sort((one, other) => (one.shape.name < other.shape.name ? -1 : 1));
}

/** In few steps, so that units of a different number of rows are still the same text. */
function limitOf({ length }: readonly RowChange[]): number {
  return 2 ** Math.ceil(Math.log2(length));
}

function sortedRows(changes: readonly RowChange[]): readonly RowChange[] {
  if (changes.length === 1) return changes;
  const keyed = changes.map((change) => ({ change, key: keyOf(change) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ change }) => change);
}

function keyOf(change: RowChange): string {
  if ("values" in change) return textOfKey(change.table.primaryKey.map((name) => change.values[name]));
  const names = Object.keys(change.where).sort();
  return textOfKey(names.map((name) => change.where[name]));
}

function rowOf(change: RowChange): Values {
  if ("values" in change) return plain(change.values);
  if (change.kind === "delete") return { where: change.where };
  return { where: change.where, changes: plain(change.changes) };
}

function plain(values: Values): Values {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value instanceof Date) row[name] = instantText(value);
    else if (typeof value === "number" && !Number.isFinite(value))
      row[name] = String(value); // JSON would make it null
    else row[name] = value instanceof Increment ? value.by : value;
  }
  return row;
}
