import type { AggregateReader, StateValues } from "#sequent/operations";

/** Knows aggregates as they were. Where no view shows the past, their events do. */
export type Past = Pick<AggregateReader, "stateAsOf">;

/** What an aggregate remembered, under the names of columns: `{ publication_date: null }`. */
export function rowOf(state: StateValues): Record<string, unknown> {
  const columns = Object.entries(state).map(([name, value]) => [columnOf(name), value ?? null]);
  return Object.fromEntries(columns);
}

/** `publicationDate` is `publication_date`. */
function columnOf(attribute: string): string {
  return attribute.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
