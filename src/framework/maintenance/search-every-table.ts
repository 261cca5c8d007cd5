import type { Knex } from "knex";
import { PostgresConnections } from "../store/postgres/connections.ts";
import { quoted } from "../store/postgres/row-sql.ts";

/** What a search for texts looked at, and where it found one. The texts themselves are not in it. */
export interface Search {
  readonly texts: number;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly found: number }[];
  /** Tables that this user of the database may not read. */
  readonly unreadable: readonly string[];
  /** At the most twenty of each table. */
  readonly places: readonly Place[];
  readonly found: number;
}

export interface Place {
  readonly table: string;
  readonly columns: readonly string[];
  /** The key of the row, without what was searched for. */
  readonly row: Readonly<Record<string, string>>;
}

export type OnTable = (done: number, total: number) => void;

/**
 * Looks for texts in every column of every table, whatever its type: as words, in upper and lower case, also within
 * JSON and as bytes. It does not find what is spelt otherwise or kept in another form.
 */
export async function searchEveryTable(
  knex: Knex,
  texts: readonly string[],
  onTable: OnTable = () => {},
): Promise<Search> {
  const wanted = texts.filter((text) => text.trim() !== "");
  const connections = new PostgresConnections(knex);
  const pattern = patternOf(wanted);
  const all = wanted.length > 0 ? await connections.all<TableRow>(everyTable) : [];
  const places: Place[] = [];
  const tables: Search["tables"][number][] = [];
  for (const [index, table] of all.entries()) {
    if (table.readable) {
      const result = await searchTable(connections, table, pattern);
      tables.push(result.table);
      places.push(...result.places);
    }
    onTable(index + 1, all.length);
  }
  return {
    texts: wanted.length,
    tables,
    unreadable: all.filter(({ readable }) => !readable).map(nameOf),
    places,
    found: tables.reduce((sum, { found }) => sum + found, 0),
  };
}

interface TableRow {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly readable: boolean;
}

const everyTable = `
select namespace.nspname as schema, class.relname as name,
       has_schema_privilege(namespace.oid, 'usage') and has_table_privilege(class.oid, 'select') as readable,
       array(select attname::text from pg_attribute
              where attrelid = class.oid and attnum > 0 and not attisdropped
              order by attnum) as columns,
       array(select attname::text from pg_attribute
               join pg_index on indrelid = attrelid and indisprimary and attnum = any (indkey)
              where attrelid = class.oid
              order by attnum) as key
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = class.relnamespace
 where class.relkind in ('r', 'm')
   and namespace.nspname !~ '^pg_'
   and namespace.nspname <> 'information_schema'
 order by 1, 2`;

async function searchTable(connections: PostgresConnections, table: TableRow, pattern: string) {
  const from = `${quoted(table.schema)}.${quoted(table.name)}`;
  const matches = (column: string) => `coalesce(${quoted(column)}::text ~* $1, false)`;
  const anywhere = table.columns.map(matches).join(" or ") || "false and $1 = ''";
  const counted = await connections.first<{ rows: string; found: string }>(
    `select count(*)::text as rows, count(*) filter (where ${anywhere})::text as found from ${from}`,
    [pattern],
  );
  const name = nameOf(table);
  const found = Number(counted?.found ?? 0);
  const columnsFound = table.columns.map(
    (column) => `case when ${matches(column)} then ${literal(column)} end`,
  );
  const key = table.key.map(
    (column) => `${literal(column)}, case when not ${matches(column)} then ${quoted(column)}::text end`,
  );
  const rows =
    found === 0
      ? []
      : await connections.all<{ columns: string[]; row: Record<string, string> }>(
          `select array_remove(array[${columnsFound.join(", ")}], null) as columns,
                  jsonb_strip_nulls(jsonb_build_object(${key.join(", ")})) as row
             from ${from}
            where ${anywhere}
            limit 20`,
          [pattern],
        );
  return {
    table: { name, rows: Number(counted?.rows ?? 0), found },
    places: rows.map(({ columns, row }) => ({ table: name, columns, row })),
  };
}

/**
 * A short name must not be found in every longer word. Only Latin letters and digits make words here: other scripts
 * may have no spaces between theirs. Within JSON, a line end before a word is written with a letter.
 */
function patternOf(texts: readonly string[]): string {
  const words = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]).map(escaped);
  const bytes = texts.map((text) => Buffer.from(text).toString("hex"));
  const before = "(^|[^a-z0-9]|\\\\[bfnrt]|\\\\u[0-9a-f]{4})";
  return `${before}(${[...new Set(words)].join("|")})([^a-z0-9]|$)|^\\\\x[0-9a-f]*(${bytes.join("|")})`;
}

/** Everything but letters and digits stands for itself after a backslash. */
function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, "\\$&");
}

const nameOf = ({ schema, name }: TableRow) => `${schema}.${name}`;

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
