import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { buildAggregate, loadHistories } from "../aggregates/aggregate-history.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { EventStore } from "../store/event-store.ts";
import { later } from "./later.ts";
import { privateFieldsOf } from "./private-fields.ts";

type Values = Readonly<Record<string, unknown>>;

/** An aggregate as it was when it had decided. */
export interface Decided {
  readonly aggregateClass: AggregateClass & { readonly name?: string };
  readonly id: string;
  readonly version: number;
  readonly state: Values;
  readonly fields: Values;
}

export function decided(aggregate: BaseAggregate): Decided {
  const { id, version, state } = aggregate;
  const aggregateClass = aggregate.constructor as unknown as AggregateClass;
  return { aggregateClass, id, version, state: state as Values, fields: fieldsOf(aggregate) };
}

/** Fails where an aggregate that is loaded from its events is another one than the one that decided on them. */
export async function expectSameWhenLoaded(store: EventStore, before: Decided): Promise<void> {
  const { aggregateClass, id, version, state, fields } = before;
  const [history] = await loadHistories(store, aggregateClass, [id], version);
  if (!history) return;
  const loaded = later(() => buildAggregate(aggregateClass, history));
  expectSame(
    before,
    [state, loaded.state as Values],
    "A handler returns the same whenever it runs: let the method decide what depends on the time or on chance, and the event say it.",
  );
  const fromSnapshot = new aggregateClass(id).loadFromHistory([], { version, state });
  expectSame(
    before,
    [fields, fieldsOf(fromSnapshot)],
    `Only the state is kept: declare it in AggregateRoot("${aggregateClass.type}", { … }), and let a handler return it.`,
  );
}

function expectSame(
  { aggregateClass, id }: Decided,
  [expected, actual]: readonly [Values, Values],
  whatToDo: string,
): void {
  for (const name of Object.keys({ ...expected, ...actual })) {
    if (isDeepStrictEqual(actual[name], expected[name])) continue;
    const message = `${aggregateClass.name} ${id} has another "${name}" when it is loaded than when it had decided. ${whatToDo}`;
    throw new AssertionError({ message, actual: actual[name], expected: expected[name] });
  }
}

/** What a class has beside the state. */
function fieldsOf(aggregate: BaseAggregate): Values {
  const { id: _, handlers: __, ...fields } = aggregate;
  const { "#gate": ___, ...privateFields } = privateFieldsOf(aggregate); // the unit of work is no part of it
  const all = Object.entries({ ...fields, ...privateFields });
  return Object.fromEntries(all.filter(([, value]) => typeof value !== "function"));
}
