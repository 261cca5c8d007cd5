import type { Search } from "#sequent/operations";
import { count } from "./progress.ts";

/** The certificate of an erasure, for a person to keep: which tables were searched, and what was found. */
export function certificate({ texts, tables, places, found, unreadable }: Search): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const more = found - places.length;
  return [
    `Searched on ${new Date().toISOString()} for ${counted(texts, "text")}, as words in any case, in all columns of`,
    ...tables.map(({ name, rows, found }) => `  ${name}: ${counted(rows, "row")}, ${found} found`),
    `${counted(tables.length, "table")}, ${counted(rows, "row")}. ${found === 0 ? "Found nowhere." : `Found in ${counted(found, "row")}:`}`,
    ...places.map(({ table, columns, row }) => `  ${table} ${keyOf(row)}: ${columns.join(", ")}`),
    ...(more > 0 ? [`  and in ${counted(more, "more row")}`] : []),
    ...unreadable.map((name) => `Not searched, because this user may not read it: ${name}`),
  ].join("\n");
}

const keyOf = (row: Readonly<Record<string, string>>) =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

export const counted = (number: number, what: string) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
