import type { EventStore } from "#sequent/operations";
import { emptyUnit } from "#sequent/operations";
import { LivePersistor } from "../../../../src/framework/projections/live-persistor.ts";
import type { PersistorEngine } from "../projections/persistor-contract.ts";
import { RowWriter } from "./row-writer.ts";

/** The live persistor on a store, for the contract of a persistor. */
export function livePersistorEngine(store: EventStore, rowsOf: PersistorEngine["rowsOf"]): PersistorEngine {
  return {
    rowsOf,
    unit: (write) =>
      store.store(async (rows) => {
        const persistor = new LivePersistor(rows);
        await write(new RowWriter(persistor));
        return { ...emptyUnit, rowChanges: await persistor.takeRemainingChanges() };
      }),
  };
}
