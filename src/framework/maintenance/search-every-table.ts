import type { Knex } from "knex";
import { PostgresConnections } from "../store/postgres/connections.ts";

/** Which tables a search looked at, and where it found a text. It does not contain the texts. */
export interface Search {
  readonly texts: number;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly found: number }[];
  /** Tables that this user of the database may not read. */
  readonly unreadable: readonly string[];
  /** At most twenty for each table. */
  readonly places: readonly FoundPlace[];
  readonly found: number;
}

interface FoundPlace {
  readonly table: string;
  readonly columns: readonly string[];
  /** The key of the row, without the searched texts. */
  readonly row: Readonly<Record<string, string>>;
}

export type OnTable = (done: number, total: number) => void;

/**
 * Searches every column of every table for texts: as words, in upper and lower case, also in JSON and as bytes. It does not find other
 * spellings or encoded texts.
 */
export async function searchEveryTable(
  knex: Knex,
  texts: readonly string[],
  onTable: OnTable = () => {},
): Promise<Search> {
  const wanted = texts.filter((text) => text.trim() !== "");
  const connections = new PostgresConnections(knex);
  const all = wanted.length > 0 ? await connections.all<TableRow>(everyTable) : [];
  const pattern = patternOf(wanted);
  const places: FoundPlace[] = [];
  const tables: Search["tables"][number][] = [];
  for (const [index, { name, sql, key, readable }] of all.entries()) {
    if (readable) {
      const counted = await connections.all<{ rows: number; found: number }>(countIn(sql), [pattern]);
      const { rows = 0, found = 0 } = counted[0] ?? {};
      tables.push({ name, rows, found });
      if (found > 0) {
        const some = await connections.all<Omit<FoundPlace, "table">>(placesIn(sql), [pattern, key]);
        places.push(...some.map((place) => ({ table: name, ...place })));
      }
    }
    onTable(index + 1, all.length);
  }
  const unreadable = all.filter(({ readable }) => !readable).map(({ name }) => name);
  const found = tables.reduce((sum, table) => sum + table.found, 0);
  return { texts: wanted.length, tables, unreadable, places, found };
}

interface TableRow {
  readonly name: string;
  readonly sql: string;
  readonly key: readonly string[];
  readonly readable: boolean;
}

const everyTable = `
select concat(nspname, '.', relname) as name, format('%I.%I', nspname, relname) as sql,
       has_schema_privilege(relnamespace, 'usage') and has_table_privilege(class.oid, 'select') as readable,
       array(select attname::text from pg_attribute
               join pg_index on indrelid = attrelid and indisprimary and attnum = any (indkey)
              where attrelid = class.oid) as key
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = relnamespace
 where relkind in ('r', 'm')
   and nspname !~ '^pg_'
   and nspname <> 'information_schema'
 order by nspname, relname`;

/** Each row of a table, and its columns in which the texts are found; null if there are none. */
const rowsOf = (table: string) => `
  ${table} as each
  cross join lateral (
    select array_agg(key) as columns from json_each_text(row_to_json(each)) where value ~* $1
  ) as found`;

const countIn = (table: string) =>
  `select count(*)::float8 as rows, count(columns)::float8 as found from ${rowsOf(table)}`;

const placesIn = (table: string) => `
select columns, coalesce(row, '{}') as row
  from ${rowsOf(table)}
 cross join lateral (
         select json_object_agg(key, value) as row
           from json_each_text(row_to_json(each))
          where key = any ($2) and key <> all (columns)
       ) as named
 where columns is not null
 limit 20`;

/**
 * A short name must not be found in longer words. Only Latin letters and digits make words here, because other scripts may have
 * no spaces between words. In JSON, the letter of "\n" may come before a word.
 */
function patternOf(texts: readonly string[]): string {
  const words = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]).map(escaped);
  const bytes = texts.map((text) => Buffer.from(text).toString("hex"));
  const before = "(^|[^a-z0-9]|\\\\[bfnrt]|\\\\u[0-9a-f]{4})";
  return `${before}(${[...new Set(words)].join("|")})([^a-z0-9]|$)|^\\\\x[0-9a-f]*(${bytes.join("|")})`;
}

function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, "\\$&");
}
