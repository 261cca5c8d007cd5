import { anyEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import type { Persistor } from "../projections/persistor.ts";
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

/** The types of event that these projectors take. */
export function handledTypes(projectors: readonly ProjectorClass[], eventTypes: EventTypes): string[] {
  const types = projectors.flatMap((projector) => eventTypes.typesOf(classesOf(projector)));
  return [...new Set(types)].sort();
}

/**
 * A projector that takes any event also needs events whose class the program does not have. Without them, its view would have
 * fewer rows.
 */
export function refuseUnknownTypes(
  projectors: readonly ProjectorClass[],
  eventTypes: EventTypes,
  stored: Iterable<string>,
): void {
  if (projectors.some((projector) => classesOf(projector).includes(anyEvent)))
    for (const type of stored) eventTypes.classOf(type);
}

function classesOf(projector: ProjectorClass) {
  return new projector(nowhere).handlers.flatMap(({ messageClasses }) => messageClasses);
}

const refuse = () => {
  throw new TypeError("A projector may write only in its handlers, not in its constructor.");
};

const nowhere: Persistor = {
  create: refuse,
  createOrUpdate: refuse,
  update: refuse,
  delete: refuse,
  find: refuse,
};
