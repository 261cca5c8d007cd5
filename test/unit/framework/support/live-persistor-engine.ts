import type { EventStore } from "#sequent/operations";
import { emptyUnit } from "#sequent/operations";
import { LivePersistor } from "../../../../src/framework/projections/live-persistor.ts";
import type { PersistorEngine } from "../projections/persistor-contract.ts";

/** The live persistor on a store, as the contract of a persistor wants it. */
export function livePersistorEngine(store: EventStore, rowsOf: PersistorEngine["rowsOf"]): PersistorEngine {
  return {
    rowsOf,
    async unit(write) {
      const transaction = store.begin();
      const persistor = new LivePersistor(transaction);
      try {
        await write(persistor);
        const rowChanges = await persistor.takeRemainingChanges();
        await transaction.commit({ ...emptyUnit, rowChanges });
      } catch (error) {
        await transaction.rollback();
        throw error;
      }
    },
  };
}
