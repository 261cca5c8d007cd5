import type { Erasure, Search } from "#sequent/operations";

/** Says which tables were searched after an erasure and what was found: a text for a person to keep. */
export function certificate(search: Search): string {
  const rows = search.tables.reduce((sum, table) => sum + table.rows, 0);
  const found = search.found === 0 ? "Found nowhere." : `Found in ${count(search.found, "row")}:`;
  const places = search.places.map(
    ({ table, columns, row }) => `  ${table} ${keyOf(row)}: ${columns.join(", ")}`,
  );
  const more = search.found - search.places.length;
  return [
    `Searched on ${new Date().toISOString()} for ${count(search.texts, "text")}, as words in any case, in all columns of`,
    ...search.tables.map(({ name, rows, found }) => `  ${name}: ${count(rows, "row")}, ${found} found`),
    `${count(search.tables.length, "table")}, ${count(rows, "row")}. ${found}`,
    ...places,
    ...(more > 0 ? [`  and in ${count(more, "more row")}`] : []),
    ...search.unreadable.map((name) => `Not searched, because this user may not read it: ${name}`),
  ].join("\n");
}

/** True where nothing was found, and nothing was left unsearched. */
export function isClean({ found, unreadable }: Search): boolean {
  return found === 0 && unreadable.length === 0;
}

export function amountOf({ events, commands }: Pick<Erasure, "events" | "commands">): string {
  return `${count(events, "event")} and ${count(commands, "command")}`;
}

const keyOf = (row: Readonly<Record<string, string>>) =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const count = (number: number, what: string) =>
  `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
