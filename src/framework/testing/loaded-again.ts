import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import type { BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { EventStore } from "../store/event-store.ts";
import { later } from "./later.ts";
import { privateFieldsOf } from "./private-fields.ts";

/** Fails if an aggregate that is loaded from its events differs from the one that decided. */
export async function expectSameWhenLoaded(store: EventStore, decided: BaseAggregate): Promise<void> {
  const { id, version, state, class: aggregateClass } = decided;
  const [stream] = await store.load([id], { upTo: version });
  if (!stream) return;
  const loaded = later(() => new aggregateClass(id).loadFromHistory(stream.events));
  expectSame(
    decided,
    [state, loaded.state],
    "A handler must return the same each time. If a value depends on the time or on chance, choose it in the method, and put it into the event.",
  );
  const fromSnapshot = new aggregateClass(id).loadFromHistory([], { version, state: { ...state } });
  expectSame(
    decided,
    [await fieldsOf(decided), await fieldsOf(fromSnapshot)],
    `Only the state is kept: declare the value in AggregateRoot("${aggregateClass.type}", { … }), and let a handler return it.`,
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
    const message = `${decided.constructor.name} ${decided.id} has another "${name}" after loading than after deciding. ${whatToDo}`;
    throw new AssertionError({ message, actual, expected });
  }
}

/** The fields of a class in addition to the state. */
async function fieldsOf(aggregate: BaseAggregate): Promise<object> {
  const { id: _, handlers: __, ...fields } = aggregate;
  const { "#gate": ___, ...privateFields } = await privateFieldsOf(aggregate); // it belongs to the unit of work
  const all = Object.entries({ ...fields, ...privateFields });
  return Object.fromEntries(all.filter(([, value]) => typeof value !== "function"));
}
