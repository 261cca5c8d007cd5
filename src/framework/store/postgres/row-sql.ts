import { instantTexts } from "../../attributes/serialization.ts";
import { type RowChange, rowKeyOf, textOfKey, type Values } from "../../projections/row-change.ts";
import { Increment, type Table } from "../../projections/table.ts";
import type { Statement } from "./connections.ts";

export const viewSchema = "view_schema";

/** A quoted name, so any name is allowed: a column may be named `order`. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function rowQuery(table: Table, where: Values, schema = viewSchema): Statement {
  const columns = Object.keys(table.columns).map(quoted).join(", ");
  const values: unknown[] = [];
  const matches = Object.entries(where).map(([name, value]) =>
    value === null ? `${quoted(name)} is null` : `${quoted(name)} = $${values.push(value)}`,
  );
  const condition = matches.join(" and ") || "true";
  const target = `${schema}.${quoted(table.name)}`;
  return { text: `select ${columns} from ${target} where ${condition} limit 1 for update`, values };
}

/**
 * Changes of rows as parts of a statement. A part writes all changes of one kind. It takes them as JSON from one parameter; the
 * parameters are numbered from `first`. Parts and rows are sorted. So all units lock rows in the same order, and the same kinds of
 * changes always have the same text. Making the texts takes a tenth of a command, so `texts` keeps them, for one `first` and `schema`.
 */
export function rowParts(
  changes: readonly RowChange[],
  first: number,
  schema = viewSchema,
  texts = new Map<string, string>(),
): { readonly parts: string[]; readonly values: string[] } {
  const kinds = [...byKind(changes)].sort(([one], [other]) => (one < other ? -1 : 1));
  const textOf = instantTexts();
  const parts = kinds.map(([kind, rows], index) => {
    const limit = limitFor(rows);
    const name = `${index} ${limit} ${kind}`;
    const known = texts.get(name);
    if (known !== undefined) return known;
    const part = `rows_${index + 1} as (${writeSql(rows, `$${first + index}::json`, limit, schema)})`;
    if (texts.size < mostTexts) texts.set(name, part);
    return part;
  });
  return {
    parts,
    values: kinds.map(([, rows]) => JSON.stringify(sorted(rows).map((change) => rowOf(change, textOf)))),
  };
}

/** Large units have more and more different texts. */
const mostTexts = 1_000;

/** Rounded up to a power of two, so that few statements are prepared. */
function limitFor(rows: readonly RowChange[]): number {
  return 2 ** Math.ceil(Math.log2(rows.length));
}

function byKind(changes: readonly RowChange[]): Map<string, RowChange[]> {
  const kinds = new Map<string, RowChange[]>();
  for (const change of changes) {
    const kind = kindOf(change);
    const others = kinds.get(kind);
    if (others) others.push(change);
    else kinds.set(kind, [change]);
  }
  return kinds;
}

/** The changes of one part have these in common: the table, the kind of change, and the columns. */
function kindOf(change: RowChange): string {
  let kind = `${change.table.name} ${change.kind}`;
  if ("values" in change) {
    for (const name of namesOf(change.values)) kind += ` ${name}`;
    return kind;
  }
  for (const name of namesOf(change.where))
    kind += change.where[name] === null ? ` ${name} null` : ` ${name}`;
  if (change.kind === "delete") return kind;
  kind += " /";
  for (const name of namesOf(change.changes))
    kind += change.changes[name] instanceof Increment ? ` ${name} +` : ` ${name}`;
  return kind;
}

function writeSql([change]: readonly RowChange[], rows: string, limit: number, schema: string): string {
  if (!change) return "";
  const target = `${schema}.${quoted(change.table.name)}`;
  if ("values" in change) return insertSql(change, target, rows);
  const matches = namesOf(change.where).map((name) => {
    const column = quoted(name);
    return change.where[name] === null ? `target.${column} is null` : `target.${column} = found.${column}`;
  });
  const where = `where ${matches.join(" and ") || "true"}`;
  // The limit tells the planner how few rows these are; without it, it guesses a hundred and reads the whole table.
  const given = `(select change from json_array_elements(${rows}) as change limit ${limit}) as given`;
  const found = `${given}, json_populate_record(null::${target}, change -> 'where') as found`;
  if (change.kind === "delete") return `delete from ${target} as target using ${found} ${where}`;
  const sets = namesOf(change.changes).map((name) => {
    const column = quoted(name);
    const old = change.changes[name] instanceof Increment ? `target.${column} + ` : "";
    return `${column} = ${old}new.${column}`;
  });
  const values = `json_populate_record(null::${target}, change -> 'changes') as new`;
  return `update ${target} as target set ${sets.join(", ")} from ${found}, ${values} ${where}`;
}

function insertSql(
  { kind, table, values }: Extract<RowChange, { values: Values }>,
  target: string,
  rows: string,
): string {
  const names = namesOf(values);
  const columns = names.map(quoted).join(", ");
  const insert = `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, ${rows})`;
  if (kind === "insert") return insert;
  const others = names.filter((name) => !table.primaryKey.includes(name)).map(quoted);
  const sets = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return `${insert} on conflict (${table.primaryKey.map(quoted).join(", ")}) do ${sets ? `update set ${sets}` : "nothing"}`;
}

function sorted(changes: readonly RowChange[]): readonly RowChange[] {
  if (changes.length === 1) return changes;
  const keyed = changes.map((change) => ({ change, key: keyOf(change) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ change }) => change);
}

function keyOf(change: RowChange): string {
  if ("values" in change) return rowKeyOf(change.table, change.values);
  return textOfKey(namesOf(change.where).map((name) => change.where[name]));
}

function rowOf(change: RowChange, textOf: (instant: Date) => string): Values {
  if ("values" in change) return plain(change.values, textOf);
  if (change.kind === "delete") return { where: change.where };
  return { where: change.where, changes: plain(change.changes, textOf) };
}

function plain(values: Values, textOf: (instant: Date) => string): Values {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value instanceof Date) row[name] = textOf(value);
    else row[name] = value instanceof Increment ? value.by : value;
  }
  return row;
}

/** Sorted, so the order in which they were written does not matter. */
function namesOf(values: Values): string[] {
  return Object.keys(values).sort();
}
