import type { RowChange, Values } from "../../persistor/row-change.ts";
import { Increment } from "../../persistor/table.ts";

export const viewSchema = "view_schema";

/** SQL that writes rows; its text depends on the shape of the changes alone, so that it can be prepared once. */
export interface RowSql {
  readonly parts: readonly string[];
  readonly parameters: readonly string[];
}

/**
 * One part for the changes of one table that write the same columns; parameters are numbered from `first`. Parts and
 * rows are sorted: everybody locks rows in one order, and the same kinds of changes are always the same text.
 */
export function rowSql(changes: readonly RowChange[], first: number): RowSql {
  const groups = new Map<string, RowChange[]>();
  for (const change of changes) {
    const shape = shapeOf(change);
    const group = groups.get(shape);
    if (group) group.push(change);
    else groups.set(shape, [change]);
  }
  const sorted = [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  return {
    parts: sorted.map((group, index) => groupSql(group, `$${first + index}::json`)),
    parameters: sorted.map((group) => JSON.stringify(sortedRows(group).map(rowOf))),
  };
}

function groupSql(group: readonly RowChange[], parameter: string): string {
  const change = group[0] as RowChange;
  const target = `${viewSchema}.${quoted(change.table.name)}`;
  if ("values" in change) {
    const names = Object.keys(change.values).sort();
    const columns = names.map(quoted).join(", ");
    const conflict = change.kind === "upsert" ? ` ${onConflict(change.table.primaryKey, names)}` : "";
    return `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, ${parameter})${conflict}`;
  }
  const rows = `${given(group.length, parameter)}, json_populate_record(null::${target}, change -> 'where') as found`;
  const matches = entriesOf(change.where).map(([name, value]) =>
    value === null ? `target.${quoted(name)} is null` : `target.${quoted(name)} = found.${quoted(name)}`,
  );
  const where = `where ${matches.join(" and ") || "true"}`;
  if (change.kind === "delete") return `delete from ${target} as target using ${rows} ${where}`;
  const sets = entriesOf(change.changes).map(([name, value]) => {
    const column = quoted(name);
    return `${column} = ${value instanceof Increment ? `target.${column} + new.${column}` : `new.${column}`}`;
  });
  const values = `json_populate_record(null::${target}, change -> 'changes') as new`;
  return `update ${target} as target set ${sets.join(", ")} from ${rows}, ${values} ${where}`;
}

/** A name as SQL takes it, whatever it is: `order` is a fine name for a column. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The limit tells the planner how few rows these are; without it, it guesses a hundred and reads the whole table. */
function given(count: number, parameter: string): string {
  const limit = 2 ** Math.ceil(Math.log2(count));
  return `(select change from json_array_elements(${parameter}) as change limit ${limit}) as given`;
}

function onConflict(primaryKey: readonly string[], names: readonly string[]): string {
  const others = names.filter((name) => !primaryKey.includes(name)).map(quoted);
  const sets = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return `on conflict (${primaryKey.map(quoted).join(", ")}) do ${sets ? `update set ${sets}` : "nothing"}`;
}

/** Begins with the table: the rows of one are locked before those of the next. */
function shapeOf(change: RowChange): string {
  const columns =
    "values" in change ? Object.keys(change.values).sort() : entriesOf(change.where).map(whereShape);
  const changed = change.kind === "update" ? entriesOf(change.changes).map(changeShape) : [];
  return [change.table.name, change.kind, ...columns, "/", ...changed].join(" ");
}

/** Whoever wrote them in whatever order. */
function entriesOf(values: Values): [string, unknown][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}

function sortedRows(group: readonly RowChange[]): readonly RowChange[] {
  if (group.length === 1) return group;
  const keyed = group.map((change) => [JSON.stringify(keyOf(change)), change] as const);
  return keyed.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, change]) => change);
}

function keyOf(change: RowChange): unknown[] {
  return "values" in change
    ? change.table.primaryKey.map((name) => change.values[name])
    : entriesOf(change.where);
}

function whereShape([name, value]: [string, unknown]): string {
  return value === null ? `${name} null` : name;
}

function changeShape([name, value]: [string, unknown]): string {
  return value instanceof Increment ? `${name} +` : name;
}

function rowOf(change: RowChange): Values {
  if ("values" in change) return change.values;
  if (change.kind === "delete") return { where: change.where };
  const plain = ([name, value]: [string, unknown]) => [name, value instanceof Increment ? value.by : value];
  return { where: change.where, changes: Object.fromEntries(Object.entries(change.changes).map(plain)) };
}
