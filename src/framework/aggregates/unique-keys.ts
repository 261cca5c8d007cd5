import { composeKey, type KeyChange } from "../store/event-store.ts";
import type { BaseAggregate } from "./aggregate-root.ts";

export type Keys = ReadonlyMap<string, Pick<KeyChange, "scope" | "key">>;

/** The keys of an aggregate, each once, by a text that has its scope and itself. */
export function keysOf({ uniqueKeys }: BaseAggregate): Keys {
  const keys = Object.entries(uniqueKeys).flatMap(([scope, keys = []]) =>
    [keys].flat().map((key) => ({ scope, key })),
  );
  return new Map(keys.map(({ scope, key }) => [composeKey(scope, key), { scope, key }]));
}

/** What an aggregate takes and gives back, if it had these keys when it was loaded. */
export function keyChanges(aggregate: BaseAggregate, loaded: Keys): KeyChange[] {
  const keys = keysOf(aggregate);
  const changes = (from: Keys, other: Keys, taken: boolean) =>
    [...from]
      .filter(([composed]) => !other.has(composed))
      .map(([, key]) => ({ ...key, aggregateId: aggregate.id, taken }));
  return [...changes(loaded, keys, false), ...changes(keys, loaded, true)];
}
