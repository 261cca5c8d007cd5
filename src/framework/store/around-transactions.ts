import type { EventStore, StoreTransaction } from "./event-store.ts";

/** The same store, in whose transactions some things are done in another way. */
export function aroundTransactions(
  store: EventStore,
  around: (transaction: StoreTransaction) => Partial<StoreTransaction>,
): EventStore {
  return {
    load: (aggregateIds, options) => store.load(aggregateIds, options),
    versionAt: (aggregateId, time) => store.versionAt(aggregateId, time),
    storeSnapshot: (snapshot) => store.storeSnapshot(snapshot),
    aggregateType: (aggregateId) => store.aggregateType(aggregateId),
    findByUniqueKey: (scope, key) => store.findByUniqueKey(scope, key),
    findCommands: (commandIds) => store.findCommands(commandIds),
    readLog: (after, limit) => store.readLog(after, limit),
    catchUp: (projectors) => store.catchUp(projectors),
    begin() {
      const transaction = store.begin();
      return {
        liveProjectors: (projectors) => transaction.liveProjectors(projectors),
        readRow: (table, where) => transaction.readRow(table, where),
        write: (changes) => transaction.write(changes),
        commit: (unit) => transaction.commit(unit),
        dryRun: (unit) => transaction.dryRun(unit),
        rollback: () => transaction.rollback(),
        ...around(transaction),
      };
    },
  };
}
