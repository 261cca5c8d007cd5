import { isDeepStrictEqual } from "node:util";
import type { BaseEvent } from "../messages/event.ts";
import { BulkPersistor } from "../projections/bulk-persistor.ts";
import type { Persistor } from "../projections/persistor.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";

/** Notes the events because of which a row was written, and finds the one that it lacks. */
export class RowHistory {
  readonly #table: Table;
  readonly #key: Values;
  readonly #events = new Set<BaseEvent>();

  constructor(table: Table, key: Values) {
    this.#table = table;
    this.#key = key;
  }

  observe(persistor: BulkPersistor): Persistor {
    const note = (table: Table, values: Values) => {
      if (table === this.#table && this.#mayMean(values) && persistor.event)
        this.#events.add(persistor.event);
    };
    return {
      find: (table, where) => persistor.find(table, where),
      create(table, row) {
        note(table, row as Values);
        persistor.create(table, row);
      },
      createOrUpdate(table, row) {
        note(table, row as Values);
        persistor.createOrUpdate(table, row);
      },
      update(table, where, changes) {
        note(table, { ...(where as Values) });
        note(table, { ...(where as Values), ...(changes as Values) });
        persistor.update(table, where, changes);
      },
      delete(table, where) {
        note(table, where as Values);
        persistor.delete(table, where);
      },
    };
  }

  /** The event before which the row was like this; or the last one, where it never was. */
  async firstMissing(
    projectorClass: ProjectorClass,
    live: Values | undefined,
  ): Promise<{ after: BaseEvent | undefined; isMissing: boolean }> {
    const persistor = new BulkPersistor(nowhere);
    const projector = new projectorClass(persistor);
    let was: Values | undefined;
    let [missing, last]: (BaseEvent | undefined)[] = [];
    for (const event of this.#events) {
      if (isDeepStrictEqual(was, live)) missing = event;
      await projector.project(event);
      was = await persistor.find(this.#table, this.#key);
      last = event;
    }
    return { after: missing ?? last, isMissing: missing !== undefined };
  }

  /** A row that is not named by its key may be meant. */
  #mayMean(values: Values): boolean {
    return this.#table.primaryKey.every(
      (name) => !(name in values) || isDeepStrictEqual(values[name], this.#key[name]),
    );
  }
}

const nowhere = {
  insert: async () => {},
  write: async () => {},
  readRow: async () => undefined,
};
