import type { BaseEvent } from "../messages/event.ts";
import { LivePersistor } from "./live-persistor.ts";
import type { BaseProjector, ProjectorClass } from "./projector.ts";
import type { RowChange, Rows } from "./row-change.ts";

/** The projectors of one unit of work, and the rows that they write. */
export class LiveProjection {
  readonly #persistor: LivePersistor;
  readonly #projectors: readonly BaseProjector[];

  constructor(projectors: readonly ProjectorClass[], transaction: Rows) {
    const persistor = new LivePersistor(transaction);
    this.#persistor = persistor;
    this.#projectors = projectors.map((projectorClass) => new projectorClass(persistor));
  }

  /** Runs one projector after the other. Returns a promise only if there is something to await. */
  project(event: BaseEvent): Promise<void> | undefined {
    for (let place = 0; place < this.#projectors.length; place += 1) {
      const waiting = this.#projectBy(this.#projectors[place] as BaseProjector, event);
      if (waiting !== undefined)
        return waiting.then(() => this.#projectByRest(this.#projectors.slice(place + 1), event));
    }
    return undefined;
  }

  async #projectByRest(projectors: readonly BaseProjector[], event: BaseEvent): Promise<void> {
    for (const projector of projectors) await this.#projectBy(projector, event);
  }

  #projectBy(projector: BaseProjector, event: BaseEvent): Promise<void> | undefined {
    this.#persistor.cause = { projector: projector.class.savedName, event };
    return projector.project(event);
  }

  async takeRemainingChanges(): Promise<RowChange[]> {
    const changes = await this.#persistor.takeRemainingChanges();
    for (const projector of this.#projectors) projector.throwRefused();
    return changes;
  }
}
