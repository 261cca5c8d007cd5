import type { AggregateReader, StateValues } from "#sequent/operations";

/** Gives aggregates as they were: no view keeps that, but their events do. */
export type Past = Pick<AggregateReader, "stateAsOf">;

/** The state of an aggregate under the names of columns: `{ publication_date: null }`. */
export function rowOf(state: StateValues): Record<string, unknown> {
  const columns = Object.entries(state).map(([name, value]) => [columnOf(name), value ?? null]);
  return Object.fromEntries(columns);
}

/** `publicationDate` becomes `publication_date`. */
function columnOf(attribute: string): string {
  return attribute.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
