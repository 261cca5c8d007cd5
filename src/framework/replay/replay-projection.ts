import type { BaseEvent, EventTypes } from "../event.ts";
import type { BulkPersistor } from "../persistor/bulk-persistor.ts";
import type { Persistor } from "../persistor/persistor.ts";
import type { Projector, ProjectorClass } from "../projector.ts";

/** Hands each event to the projectors that take it, and to no other. */
export class ReplayProjection {
  readonly #persistor: BulkPersistor;
  readonly #projectors = new Map<string, Projector[]>();

  constructor(
    projectors: readonly ProjectorClass[],
    eventTypes: EventTypes,
    persistor: BulkPersistor,
    observed: Persistor = persistor,
  ) {
    this.#persistor = persistor;
    for (const projectorClass of projectors) {
      const projector = new projectorClass(observed);
      for (const type of typesOf(projector, eventTypes)) {
        const others = this.#projectors.get(type);
        if (others) others.push(projector);
        else this.#projectors.set(type, [projector]);
      }
    }
  }

  /** A promise only where something has to be waited for. */
  project(event: BaseEvent): Promise<void> | undefined {
    const projectors = this.#projectors.get(event.class.type) ?? [];
    for (let place = 0; place < projectors.length; place += 1) {
      const waiting = this.#projectBy(projectors[place] as Projector, event);
      if (waiting !== undefined)
        return waiting.then(() => this.#projectByRest(projectors.slice(place + 1), event));
    }
    return undefined;
  }

  async #projectByRest(projectors: readonly Projector[], event: BaseEvent): Promise<void> {
    for (const projector of projectors) await this.#projectBy(projector, event);
  }

  #projectBy(projector: Projector, event: BaseEvent): Promise<void> | undefined {
    this.#persistor.projector = projector.constructor.name;
    this.#persistor.event = event;
    return projector.project(event);
  }
}

/** The types of event that these projectors take. */
export function handledTypes(projectors: readonly ProjectorClass[], eventTypes: EventTypes): string[] {
  const types = projectors.flatMap((projector) => typesOf(new projector(nowhere), eventTypes));
  return [...new Set(types)].sort();
}

function typesOf(projector: Projector, eventTypes: EventTypes): string[] {
  return eventTypes.typesOf(projector.handlers.flatMap(({ messageClasses }) => messageClasses));
}

const refuse = () => {
  throw new TypeError("A projector writes when it is given an event, not when it is made.");
};

const nowhere: Persistor = {
  create: refuse,
  createOrUpdate: refuse,
  update: refuse,
  delete: refuse,
  find: refuse,
};
