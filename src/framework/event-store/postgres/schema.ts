import { readFile } from "node:fs/promises";
import type { Index, Table } from "../../persistor/table.ts";
import { quoted } from "./row-sql.ts";

const files = [
  "schemas",
  "commands",
  "aggregates",
  "events",
  "aggregate_snapshots",
  "aggregate_unique_keys",
  "projector_states",
  "live_views",
  "deferred_events",
  "change_views",
  "replays",
  "is_erasure",
  "refuse_change",
  "erase_personal",
  "check_new_events",
  "change_unique_keys",
  "backfill_unique_keys",
  "check_views",
  "store_unit",
];

/** The SQL of the event store, object by object in the order in which they need each other. */
export async function eventStoreSchema(): Promise<string[]> {
  return Promise.all(files.map((name) => readFile(new URL(`sql/${name}.sql`, import.meta.url), "utf8")));
}

/** The statements that make a table and its indexes. */
export function tableSql({ name, columns, primaryKey, indexes }: Table, schema: string): string[] {
  const table = `${schema}.${quoted(name)}`;
  const lines = [
    ...Object.entries(columns).map(([column, { sql }]) => `  ${quoted(column)} ${sql}`),
    `  constraint ${quoted(`${name}_pkey`)} primary key (${primaryKey.map(quoted).join(", ")})`,
  ];
  const index = ({ columns, where }: Index) => {
    const names = columns.map((column) => column.replace(/ desc$/, ""));
    const ordered = columns.map(
      (column, place) => quoted(names[place] ?? "") + (column.endsWith(" desc") ? " desc" : ""),
    );
    const condition = where ? ` where ${where}` : "";
    return `create index if not exists ${quoted([name, ...names, "idx"].join("_"))} on ${table} (${ordered.join(", ")})${condition}`;
  };
  return [`create table ${table} (\n${lines.join(",\n")}\n)`, ...indexes.map(index)];
}
