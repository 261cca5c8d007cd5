import type { BaseEvent } from "./event.ts";
import { LivePersistor } from "./persistor/live-persistor.ts";
import type { RowChange, Rows } from "./persistor/row-change.ts";
import type { Projector, ProjectorClass } from "./projector.ts";

/** The projectors of one unit of work, and what they write. */
export class LiveProjection {
  readonly #persistor: LivePersistor;
  readonly #projectors: readonly Projector[];

  constructor(projectors: readonly ProjectorClass[], transaction: Rows) {
    const persistor = new LivePersistor(transaction);
    this.#persistor = persistor;
    this.#projectors = projectors.map((projectorClass) => new projectorClass(persistor));
  }

  async project(event: BaseEvent): Promise<void> {
    for (const projector of this.#projectors) {
      this.#persistor.cause = { projector: projector.constructor.name, event };
      await projector.project(event);
    }
  }

  takeRemainingChanges(): Promise<RowChange[]> {
    return this.#persistor.takeRemainingChanges();
  }
}
