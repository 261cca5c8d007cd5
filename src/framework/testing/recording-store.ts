import type { EventStore, UnitOfWork } from "../store/event-store.ts";

/** A store that says what was stored in it, whichever store it is. */
export function recordingStore(store: EventStore, onStored: (unit: UnitOfWork) => void): EventStore {
  return storingBy(store, async (decide, options) => {
    let stored: UnitOfWork | undefined;
    await store.store(async (rows, live) => {
      stored = await decide(rows, live);
      return stored;
    }, options);
    if (stored) onStored(stored);
  });
}

/** The same store, which stores in another way. */
export function storingBy(store: EventStore, storing: EventStore["store"]): EventStore {
  return {
    load: (aggregateIds, options) => store.load(aggregateIds, options),
    versionAt: (aggregateId, time) => store.versionAt(aggregateId, time),
    storeSnapshot: (snapshot) => store.storeSnapshot(snapshot),
    aggregateType: (aggregateId) => store.aggregateType(aggregateId),
    findByUniqueKey: (scope, key) => store.findByUniqueKey(scope, key),
    findCommands: (commandIds) => store.findCommands(commandIds),
    readLog: (after, limit) => store.readLog(after, limit),
    catchUp: (projectors) => store.catchUp(projectors),
    store: storing,
  };
}
