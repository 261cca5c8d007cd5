import type { AggregateReader } from "#sequent/operations";

/** Gives aggregates as they were: no view keeps that, but their events do. */
export type Past = Pick<AggregateReader, "stateAsOf">;
