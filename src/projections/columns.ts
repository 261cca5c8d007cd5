import type { Table } from "#sequent/operations";

/** The columns of a table for SQL, such as `posts.title, …`. So a new column needs no change in the query. */
export function columnsOf({ columns }: Table, alias: string, without: readonly string[] = []): string {
  const names = Object.keys(columns).filter((name) => !without.includes(name));
  return names.map((name) => `${alias}.${name}`).join(", ");
}
