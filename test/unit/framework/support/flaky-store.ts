import type { EventStore, UnitOfWork } from "#sequent/operations";

type Commit = () => Promise<void>;

/** A store whose commits can be disturbed: the next commit runs the next function of `commits` instead. */
export class FlakyStore {
  readonly commits: ((commit: Commit, unit: UnitOfWork) => Promise<void>)[] = [];
  readonly units: UnitOfWork[] = [];
  attempts = 0;

  wrap(store: EventStore): EventStore {
    return storingBy(store, async (decide, options) => {
      let interfering: Promise<void> | undefined;
      const storing = store.store(async (rows, live) => {
        const unit = await decide(rows, live);
        this.units.push(unit);
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

/** The same store with another way to store. */
function storingBy(store: EventStore, storing: EventStore["store"]): EventStore {
  return {
    load: (aggregateIds, options) => store.load(aggregateIds, options),
    versionAt: (aggregateId, time) => store.versionAt(aggregateId, time),
    storeSnapshot: (snapshot) => store.storeSnapshot(snapshot),
    aggregateType: (aggregateId) => store.aggregateType(aggregateId),
    findByUniqueKey: (scope, key) => store.findByUniqueKey(scope, key),
    findCommands: (commandIds) => store.findCommands(commandIds),
    catchUp: (projectors) => store.catchUp(projectors),
    store: storing,
  };
}
