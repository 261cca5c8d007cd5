import type { EventStore, UnitOfWork } from "#sequent/operations";
import { aroundTransactions } from "../../../../src/framework/store/around-transactions.ts";

/** A store whose commits can be interfered with: the next one runs what is put into `commits` instead. */
export class FlakyStore {
  readonly commits: ((commit: () => Promise<void>, unit: UnitOfWork) => Promise<void>)[] = [];
  attempts = 0;

  wrap(store: EventStore): EventStore {
    return aroundTransactions(store, (transaction) => {
      const next = (commit: () => Promise<void>, unit: UnitOfWork) => {
        this.attempts += 1;
        return this.commits.shift()?.(commit, unit) ?? commit();
      };
      return {
        commit: (unit) => next(() => transaction.commit(unit), unit),
        dryRun: (unit) => next(() => transaction.dryRun(unit), unit),
      };
    });
  }
}
