import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import type { BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { EventStore } from "../store/event-store.ts";
import { later } from "./later.ts";
import { privateFieldsOf } from "./private-fields.ts";

/** Fails where an aggregate that is loaded from its events is another one than the one that decided on them. */
export async function expectSameWhenLoaded(store: EventStore, decided: BaseAggregate): Promise<void> {
  const { id, version, state, class: aggregateClass } = decided;
  const [stream] = await store.load([id], { upTo: version });
  if (!stream) return;
  const loaded = later(() => new aggregateClass(id).loadFromHistory(stream.events));
  expectSame(
    decided,
    [state, loaded.state],
    "A handler returns the same whenever it runs: let the method decide what depends on the time or on chance, and the event say it.",
  );
  const fromSnapshot = new aggregateClass(id).loadFromHistory([], { version, state: { ...state } });
  expectSame(
    decided,
    [await fieldsOf(decided), await fieldsOf(fromSnapshot)],
    `Only the state is kept: declare it in AggregateRoot("${aggregateClass.type}", { … }), and let a handler return it.`,
  );
}

function expectSame(
  decided: BaseAggregate,
  [before, after]: readonly [object, object],
  whatToDo: string,
): void {
  for (const name of Object.keys({ ...before, ...after })) {
    const [expected, actual]: unknown[] = [Reflect.get(before, name), Reflect.get(after, name)];
    if (isDeepStrictEqual(actual, expected)) continue;
    const message = `${decided.constructor.name} ${decided.id} has another "${name}" when it is loaded than when it had decided. ${whatToDo}`;
    throw new AssertionError({ message, actual, expected });
  }
}

/** What a class has beside the state. */
async function fieldsOf(aggregate: BaseAggregate): Promise<object> {
  const { id: _, handlers: __, ...fields } = aggregate;
  const { "#gate": ___, ...privateFields } = await privateFieldsOf(aggregate); // the unit of work is no part of it
  const all = Object.entries({ ...fields, ...privateFields });
  return Object.fromEntries(all.filter(([, value]) => typeof value !== "function"));
}
