import type { BaseEvent } from "../messages/event.ts";
import { LivePersistor } from "./live-persistor.ts";
import type { Persistor } from "./persistor.ts";
import type { BaseProjector, ProjectorClass } from "./projector.ts";
import type { RowChange, Rows } from "./row-change.ts";

/** Gives each event to the projectors, one after the other. */
export class Projection {
  readonly #projectors: readonly BaseProjector[];

  constructor(projectors: readonly ProjectorClass[], persistor: Persistor) {
    this.#projectors = projectors.map((projectorClass) => new projectorClass(persistor));
  }

  async project(event: BaseEvent): Promise<void> {
    for (const projector of this.#projectors) await projector.project(event);
  }

  throwRefused(): void {
    for (const projector of this.#projectors) projector.throwRefused();
  }
}

export class LiveProjection extends Projection {
  readonly #persistor: LivePersistor;

  constructor(projectors: readonly ProjectorClass[], rows: Rows) {
    const persistor = new LivePersistor(rows);
    super(projectors, persistor);
    this.#persistor = persistor;
  }

  async takeRemainingChanges(): Promise<RowChange[]> {
    const changes = await this.#persistor.takeRemainingChanges();
    this.throwRefused();
    return changes;
  }
}
