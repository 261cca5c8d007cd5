import type { EventStore, UnitOfWork } from "#sequent/operations";
import { storingBy } from "../../../../src/framework/testing/recording-store.ts";

type Commit = () => Promise<void>;

/** A store whose commits can be interfered with: the next one runs what is put into `commits` instead. */
export class FlakyStore {
  readonly commits: ((commit: Commit, unit: UnitOfWork) => Promise<void>)[] = [];
  attempts = 0;

  wrap(store: EventStore): EventStore {
    return storingBy(store, async (decide, options) => {
      let interfering: Promise<void> | undefined;
      const storing = store.store(async (rows, live) => {
        const unit = await decide(rows, live);
        this.attempts += 1;
        const interfere = this.commits.shift();
        if (!interfere) return unit;
        return new Promise<UnitOfWork>((resolve, reject) => {
          interfering = interfere(() => {
            resolve(unit);
            return storing;
          }, unit);
          interfering.then(() => reject(new TypeError("It was not committed.")), reject);
        });
      }, options);
      await storing.catch((error) => interfering ?? Promise.reject(error));
      await interfering;
    });
  }
}
