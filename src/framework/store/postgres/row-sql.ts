import type { RowChange, Values } from "../../projections/row-change.ts";
import { Increment, type Table } from "../../projections/table.ts";

export const viewSchema = "view_schema";

/** What changes have in common that one part of a statement writes: the table, what is done to it, and the columns. */
export interface RowShape {
  readonly id: number;
  /** Begins with the table: sorted by it, the rows of one table are locked before those of the next. */
  readonly name: string;
  sql(target: Target): string;
}

interface Target {
  readonly schema: string;
  /** The parameter that holds the rows as JSON, and how many they are at most. */
  readonly rows: string;
  readonly limit: number;
}

const shapes = new WeakMap<Table, Map<string, RowShape>>();
let made = 0;

/** A program has few shapes. Should it make ever new ones, they are forgotten from time to time. */
const most = 1_000;

/** The same one for all changes of a shape, in whatever order their columns are written: it is made once. */
export function shapeOf(change: RowChange): RowShape {
  const known = shapes.get(change.table) ?? new Map<string, RowShape>();
  const written = nameOf(change, (columns) => columns);
  const shape = known.get(written);
  if (shape) return shape;
  if (known.size > most) known.clear();
  const name = nameOf(change, (columns) => columns.sort());
  const sorted = known.get(name) ?? newShape(name, change);
  shapes.set(change.table, known.set(name, sorted).set(written, sorted));
  return sorted;
}

/** One row, locked; its text depends on the shape of `where` alone, too. */
export function rowQuery(
  table: Table,
  where: Values,
  schema = viewSchema,
): { text: string; values: unknown[] } {
  const columns = Object.keys(table.columns).map(quoted).join(", ");
  const empty = Object.keys(where).filter((name) => where[name] === null);
  const given = Object.keys(where).filter((name) => where[name] !== null);
  const matches = [
    ...given.map((name, index) => `${quoted(name)} = $${index + 1}`),
    ...empty.map((name) => `${quoted(name)} is null`),
  ];
  const condition = matches.join(" and ") || "true";
  return {
    text: `select ${columns} from ${schema}.${quoted(table.name)} where ${condition} limit 1 for update`,
    values: given.map((name) => where[name]),
  };
}

/** A name as SQL takes it, whatever it is: `order` is a fine name for a column. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function nameOf(change: RowChange, ordered: (columns: string[]) => string[]): string {
  const { table, kind } = change;
  if ("values" in change) return `${table.name} ${kind} ${ordered(Object.keys(change.values)).join(" ")}`;
  let name = `${table.name} ${kind}`;
  for (const column of ordered(Object.keys(change.where)))
    name += change.where[column] === null ? ` ${column} null` : ` ${column}`;
  if (kind === "delete") return name;
  name += " /";
  for (const column of ordered(Object.keys(change.changes)))
    name += change.changes[column] instanceof Increment ? ` ${column} +` : ` ${column}`;
  return name;
}

function newShape(name: string, change: RowChange): RowShape {
  made += 1;
  return { id: made, name, sql: "values" in change ? insertSql(change) : changeSql(change) };
}

function insertSql({ kind, table, values }: Extract<RowChange, { values: Values }>): RowShape["sql"] {
  const names = Object.keys(values).sort();
  const columns = names.map(quoted).join(", ");
  const conflict = kind === "upsert" ? ` ${onConflict(table.primaryKey, names)}` : "";
  return ({ schema, rows }) => {
    const target = `${schema}.${quoted(table.name)}`;
    return `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, ${rows})${conflict}`;
  };
}

function onConflict(primaryKey: readonly string[], names: readonly string[]): string {
  const others = names.filter((name) => !primaryKey.includes(name)).map(quoted);
  const sets = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return `on conflict (${primaryKey.map(quoted).join(", ")}) do ${sets ? `update set ${sets}` : "nothing"}`;
}

function changeSql(change: Extract<RowChange, { where: Values }>): RowShape["sql"] {
  const matches = entriesOf(change.where).map(([name, value]) =>
    value === null ? `target.${quoted(name)} is null` : `target.${quoted(name)} = found.${quoted(name)}`,
  );
  const where = `where ${matches.join(" and ") || "true"}`;
  const sets = entriesOf(change.kind === "update" ? change.changes : {}).map(([name, value]) => {
    const column = quoted(name);
    return `${column} = ${value instanceof Increment ? `target.${column} + new.${column}` : `new.${column}`}`;
  });
  return ({ schema, rows, limit }) => {
    const target = `${schema}.${quoted(change.table.name)}`;
    // The limit tells the planner how few rows these are; without it, it guesses a hundred and reads the whole table.
    const given = `(select change from json_array_elements(${rows}) as change limit ${limit}) as given`;
    const found = `${given}, json_populate_record(null::${target}, change -> 'where') as found`;
    if (change.kind === "delete") return `delete from ${target} as target using ${found} ${where}`;
    const values = `json_populate_record(null::${target}, change -> 'changes') as new`;
    return `update ${target} as target set ${sets.join(", ")} from ${found}, ${values} ${where}`;
  };
}

/** Whoever wrote them in whatever order. */
function entriesOf(values: Values): [string, unknown][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}
