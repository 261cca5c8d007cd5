import { aroundTransactions } from "../store/around-transactions.ts";
import type { EventStore, UnitOfWork } from "../store/event-store.ts";

/** A store that says what was stored in it, whichever store it is. */
export function recordingStore(store: EventStore, onStored: (unit: UnitOfWork) => void): EventStore {
  return aroundTransactions(store, (transaction) => ({
    async commit(unit) {
      await transaction.commit(unit);
      onStored(unit);
    },
  }));
}
