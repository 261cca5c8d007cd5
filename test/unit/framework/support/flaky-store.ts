import type { EventStore, UnitOfWork } from "#sequent/operations";

/** A store whose commits can be interfered with: the next one runs what is put into `commits` instead. */
export class FlakyStore {
  readonly commits: ((commit: () => Promise<void>, unit: UnitOfWork) => Promise<void>)[] = [];
  attempts = 0;

  wrap(store: EventStore): EventStore {
    return {
      load: (aggregateIds, options) => store.load(aggregateIds, options),
      versionAt: (aggregateId, time) => store.versionAt(aggregateId, time),
      storeSnapshot: (snapshot) => store.storeSnapshot(snapshot),
      aggregateType: (aggregateId) => store.aggregateType(aggregateId),
      findByUniqueKey: (scope, key) => store.findByUniqueKey(scope, key),
      findCommands: (commandIds) => store.findCommands(commandIds),
      readLog: (after, limit) => store.readLog(after, limit),
      catchUp: (projectors) => store.catchUp(projectors),
      begin: () => {
        const transaction = store.begin();
        return {
          liveProjectors: (projectors) => transaction.liveProjectors(projectors),
          readRow: (table, where) => transaction.readRow(table, where),
          write: (changes) => transaction.write(changes),
          rollback: () => transaction.rollback(),
          commit: (unit) => {
            this.attempts += 1;
            const commit = () => transaction.commit(unit);
            return this.commits.shift()?.(commit, unit) ?? commit();
          },
        };
      },
    };
  }
}
