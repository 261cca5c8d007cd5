import type { BaseEvent, EventClass } from "../messages/event.ts";
import type { Handler } from "../messages/message-handler.ts";
import type { BulkPersistor } from "../projections/bulk-persistor.ts";
import type { BaseProjector, ProjectorClass } from "../projections/projector.ts";

/** Gives each event to the projectors that take it. */
export class ReplayProjection {
  readonly #persistor: BulkPersistor;
  readonly #projectors: readonly BaseProjector[];
  readonly #takers = new Map<EventClass, readonly Taker[]>();

  constructor(projectors: readonly ProjectorClass[], persistor: BulkPersistor) {
    this.#persistor = persistor;
    this.#projectors = projectors.map((projectorClass) => new projectorClass(persistor));
  }

  /** Returns a promise only if there is something to await. */
  project(event: BaseEvent): Promise<void> | undefined {
    const takers = this.#takersOf(event);
    for (let place = 0; place < takers.length; place += 1) {
      const waiting = this.#projectBy(takers[place] as Taker, event);
      if (waiting !== undefined)
        return waiting.then(() => this.#projectByRest(takers.slice(place + 1), event));
    }
    return undefined;
  }

  /** Each class of events is looked up once. */
  #takersOf(event: BaseEvent): readonly Taker[] {
    let takers = this.#takers.get(event.class);
    if (!takers) {
      const all = this.#projectors.map((projector) => ({ projector, handlers: projector.handlersOf(event) }));
      takers = all.filter(({ handlers }) => handlers.length > 0);
      this.#takers.set(event.class, takers);
    }
    return takers;
  }

  async #projectByRest(takers: readonly Taker[], event: BaseEvent): Promise<void> {
    for (const taker of takers) await this.#projectBy(taker, event);
  }

  #projectBy({ projector, handlers }: Taker, event: BaseEvent): Promise<void> | undefined {
    this.#persistor.projector = projector.class.savedName;
    this.#persistor.event = event;
    return projector.project(event, handlers);
  }
}

interface Taker {
  readonly projector: BaseProjector;
  readonly handlers: readonly Handler[];
}
