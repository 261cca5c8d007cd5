import type { EventStore, StoreTransaction, UnitOfWork } from "../event-store/event-store.ts";

/** A store that says what was stored in it, whichever store it is. */
export function recordingStore(store: EventStore, onStored: (unit: UnitOfWork) => void): EventStore {
  return {
    load: (aggregateIds, options) => store.load(aggregateIds, options),
    versionAt: (aggregateId, time) => store.versionAt(aggregateId, time),
    storeSnapshot: (snapshot) => store.storeSnapshot(snapshot),
    aggregateType: (aggregateId) => store.aggregateType(aggregateId),
    findByUniqueKey: (scope, key) => store.findByUniqueKey(scope, key),
    findCommands: (commandIds) => store.findCommands(commandIds),
    readLog: (after, limit) => store.readLog(after, limit),
    begin: () => recordingTransaction(store.begin(), onStored),
    catchUp: (projectors) => store.catchUp(projectors),
  };
}

function recordingTransaction(
  transaction: StoreTransaction,
  onStored: (unit: UnitOfWork) => void,
): StoreTransaction {
  return {
    liveProjectors: (projectors) => transaction.liveProjectors(projectors),
    readRow: (table, where) => transaction.readRow(table, where),
    write: (changes) => transaction.write(changes),
    rollback: () => transaction.rollback(),
    async commit(unit) {
      await transaction.commit(unit);
      onStored(unit);
    },
  };
}
