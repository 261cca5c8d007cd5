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

/** The state of an aggregate. Each event changes it in place; only reading makes a copy. */
export class AggregateState {
  readonly #attributes: Attributes;
  readonly #values: Record<string, unknown>;
  /** The lists with appended items. They only grow, so an earlier reader of a list has its first items. */
  readonly #growing = new Map<string, unknown[]>();
  #read: Values | undefined;

  /** Before the first event, lists are empty, and all other values are undefined. */
  constructor(attributes: Attributes) {
    this.#attributes = attributes;
    this.#values = {};
    for (const [name, { element, optional }] of Object.entries(attributes))
      this.#values[name] = element && !optional ? Object.freeze([]) : undefined;
  }

  /** A frozen object. Later events do not change it. */
  get values(): Values {
    if (this.#read) return this.#read;
    const values = { ...this.#values };
    for (const [name, items] of this.#growing) copyWhenRead(values, name, items);
    this.#read = Object.freeze(values);
    return values;
  }

  /**
   * Takes over what a handler returned. If it cannot, it changes nothing and returns the reason. It checks values only if
   * `isNew`: a stored event was checked when it was new.
   */
  change(returned: unknown, isNew: boolean): string | undefined {
    if (returned === undefined) return undefined;
    if (returned instanceof Promise) return refusePromise(returned);
    if (!isRecord(returned))
      return `returns ${returned === null ? "null" : `a ${typeof returned}`}. Return an object with what changes, such as { title }, or nothing.`;
    for (const name in returned) {
      const attribute = Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined;
      if (!attribute) return unknownName(name);
      const why = isNew ? whyNotStorable(attribute, returned[name]) : undefined;
      if (why !== undefined)
        return `returns a value for "${name}" that is ${why}. Return what is declared under this name in AggregateRoot(…), or declare something else.`;
    }
    for (const name in returned) {
      const value = returned[name];
      if (value instanceof Append) this.#append(name, value.items);
      else {
        this.#values[name] = Array.isArray(value) ? Object.freeze(value) : value;
        this.#growing.delete(name);
      }
    }
    this.#read = undefined;
    return undefined;
  }

  #append(name: string, added: readonly unknown[]): void {
    const items = this.#growing.get(name) ?? [this.#values[name] ?? []].flat();
    for (const item of added) items.push(item);
    this.#growing.set(name, items);
  }
}

function isRecord(returned: unknown): returned is Values {
  return typeof returned === "object" && returned !== null;
}

/** Nobody waits for a handler: the result of an async one would come after the next decision. */
function refusePromise(returned: Promise<unknown>): string {
  returned.catch(() => {}); // this refusal is the error that matters
  return 'is async. Nobody waits for a handler: return what changes, without "async" and "await".';
}

function unknownName(name: string): string {
  return `returns "${name}", which its state does not have. Correct the name, or declare it: AggregateRoot(…, { ${name}: … }).`;
}

function whyNotStorable(attribute: Attribute<unknown>, value: unknown): string | undefined {
  try {
    if (!(value instanceof Append)) attribute.toJson(value);
    else if (!attribute.element) return "appended to, but no list";
    else for (const item of value.items) attribute.element.toJson(item);
    return undefined;
  } catch (error) {
    if (error instanceof NotStorable) return error.why;
    throw error;
  }
}

/** A list is copied only when somebody reads it: a handler that reads a number does not pay for the lists. */
function copyWhenRead(values: object, name: string, items: readonly unknown[]): void {
  const { length } = items;
  let list: readonly unknown[] | undefined;
  const get = () => {
    list ??= Object.freeze(items.slice(0, length));
    return list;
  };
  Object.defineProperty(values, name, { get, enumerable: true });
}
