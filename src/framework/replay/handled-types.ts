import { anyEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { nowhere } from "../projections/persistor.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { LogOrder } from "./event-log.ts";

/** Projectors that read the log together. */
export interface Reading {
  readonly order: LogOrder;
  readonly projectors: readonly ProjectorClass[];
}

/** Partitioned projectors read one aggregate after the other; the others need the order of the log. */
export function readingsOf(projectors: readonly ProjectorClass[]): Reading[] {
  const readings: Reading[] = [
    { order: "log", projectors: projectors.filter(({ partitioned }) => !partitioned) },
    { order: "aggregate", projectors: projectors.filter(({ partitioned }) => partitioned) },
  ];
  return readings.filter(({ projectors }) => projectors.length > 0);
}

/** The types of event that these projectors take; undefined if one of them takes any event. */
export function handledTypes(
  projectors: readonly ProjectorClass[],
  eventTypes: EventTypes,
): readonly string[] | undefined {
  const handlers = projectors.flatMap((projector) => new projector(nowhere).handlers);
  const classes = handlers.flatMap(({ messageClasses }) => messageClasses);
  return classes.includes(anyEvent) ? undefined : eventTypes.typesOf(classes);
}
