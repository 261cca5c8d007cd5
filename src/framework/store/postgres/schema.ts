import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Knex } from "knex";
import type { Index, Table } from "../../projections/table.ts";
import { quoted } from "./row-sql.ts";
import { oneRow } from "./rows.ts";

const files = [
  "schemas",
  "commands",
  "aggregates",
  "log_epochs",
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

/** The SQL of the event store, each object after those that it needs, and last the fingerprint of the files. */
export async function eventStoreSchema(): Promise<string[]> {
  const sql = await readFiles();
  return [...sql, `comment on schema sequent_schema is '${fingerprint(sql)}'`];
}

/** False if other SQL files made the event store: changing a file does not change the tables. */
export async function isEventStoreOfThisBuild(knex: Knex): Promise<boolean> {
  const { made_of } = await oneRow<{ made_of: string | null }>(
    knex,
    "select obj_description(to_regnamespace('sequent_schema'), 'pg_namespace') as made_of",
  );
  return made_of === fingerprint(await readFiles());
}

function readFiles(): Promise<string[]> {
  return Promise.all(files.map((name) => readFile(new URL(`sql/${name}.sql`, import.meta.url), "utf8")));
}

/** Ignores comments and line breaks, because they have no effect. */
function fingerprint(sql: readonly string[]): string {
  const effective = sql.join("\n").replaceAll(/--.*$/gm, "").replaceAll(/\s+/g, " ");
  return createHash("sha256").update(effective).digest("hex");
}

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
