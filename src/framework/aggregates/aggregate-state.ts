import { type Attribute, type Attributes, NotStorable } from "../attributes/attribute.ts";

export type Values = Readonly<Record<string, unknown>>;

/** What a handler of an aggregate may return: the declared values that the event changes. */
export type Changes<State> = {
  readonly [Name in keyof State]?: State[Name] | AppendedTo<State[Name]>;
};

type AppendedTo<Value> = Value extends readonly (infer Item)[] ? Append<Item> : never;

class Append<Item> {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

/**
 * A handler returns it to add to a list: `on(TagAdded, ({ tag }) => ({ tags: append(tag) }))`.
 * `[...this.state.tags, tag]` gives the same list, but copies all of it for each event.
 */
export function append<Item>(...items: readonly Item[]): Append<Item> {
  return new Append(items);
}

/** A list as somebody may have read it: its first `length` items. Later items are added to the same array. */
interface Growing {
  readonly items: unknown[];
  readonly length: number;
}

/** The state of an aggregate. Each event changes it in place; only reading makes a copy. */
export class AggregateState {
  readonly #attributes: Attributes;
  readonly #values: Record<string, unknown>;
  #growing: Map<string, Growing> | undefined;
  #read: Values | undefined;

  /** `initial` has every declared name. */
  constructor(attributes: Attributes, initial: Values) {
    this.#attributes = attributes;
    this.#values = { ...initial };
  }

  /** The state before the first event. */
  initial(): AggregateState {
    return new AggregateState(this.#attributes, initialValues(this.#attributes));
  }

  /** A frozen object. Later events do not change it. */
  get values(): Values {
    this.#read ??= this.#growing
      ? withLists(this.#values, this.#growing)
      : Object.freeze({ ...this.#values });
    return this.#read;
  }

  /**
   * Takes over what a handler returned. If it cannot, it changes nothing and returns the reason. It checks values only if
   * `isNew`: a stored event was checked when it was new.
   */
  change(returned: unknown, isNew: boolean): string | undefined {
    if (returned === undefined) return undefined;
    if (returned instanceof Promise) return refusePromise(returned);
    if (typeof returned !== "object" || returned === null)
      return `returns ${returned === null ? "null" : `a ${typeof returned}`}. Return an object with what changes, such as { title }, or nothing.`;
    const values = this.#values;
    const changes = returned as Values;
    for (const name in changes) if (!Object.hasOwn(values, name)) return unknownName(name);
    if (isNew) {
      const refusal = this.#refuseValues(changes);
      if (refusal !== undefined) return refusal;
    }
    for (const name in changes) {
      const value = changes[name];
      if (value instanceof Append) this.#append(name, value.items);
      else {
        values[name] = Array.isArray(value) ? Object.freeze(value) : value;
        this.#growing?.delete(name);
      }
    }
    this.#read = undefined;
    return undefined;
  }

  #refuseValues(changes: Values): string | undefined {
    for (const [name, value] of Object.entries(changes)) {
      const attribute = this.#attributes[name] as Attribute<unknown>;
      try {
        if (value instanceof Append) checkItems(attribute, value.items);
        else attribute.toJson(value);
      } catch (error) {
        if (!(error instanceof NotStorable)) throw error;
        return `returns a value for "${name}" that is ${error.why}. Return what is declared under this name in AggregateRoot(…), or declare something else.`;
      }
    }
    return undefined;
  }

  #append(name: string, added: readonly unknown[]): void {
    this.#growing ??= new Map();
    const { items } = this.#growing.get(name) ?? { items: [...((this.#values[name] ?? []) as unknown[])] };
    for (const item of added) items.push(item);
    this.#growing.set(name, { items, length: items.length });
  }
}

/** Nobody waits for a handler: the result of an async one would come after the next decision. */
function refusePromise(returned: Promise<unknown>): string {
  returned.catch(() => {}); // this refusal is the error that matters
  return 'is async. Nobody waits for a handler: return what changes, without "async" and "await".';
}

function unknownName(name: string): string {
  return `returns "${name}", which its state does not have. Correct the name, or declare it: AggregateRoot(…, { ${name}: … }).`;
}

function checkItems({ element }: Attribute<unknown>, items: readonly unknown[]): void {
  if (!element) throw new NotStorable(items, "appended to, but no list");
  for (const item of items) element.toJson(item);
}

/** A list is copied only when somebody reads it: a handler that reads a number does not pay for the lists. */
function withLists(values: Values, growing: ReadonlyMap<string, Growing>): Values {
  const read = { ...values };
  for (const [name, { items, length }] of growing) {
    let list: readonly unknown[] | undefined;
    const get = () => {
      list ??= Object.freeze(items.slice(0, length));
      return list;
    };
    Object.defineProperty(read, name, { get, enumerable: true });
  }
  return Object.freeze(read);
}

/** Before the first event: lists are empty, all other values are undefined. */
export function initialValues(attributes: Attributes): Values {
  const none: readonly unknown[] = Object.freeze([]);
  const initial = ({ element, optional }: Attribute<unknown>) => (element && !optional ? none : undefined);
  return Object.fromEntries(Object.entries(attributes).map(([name, each]) => [name, initial(each)]));
}
