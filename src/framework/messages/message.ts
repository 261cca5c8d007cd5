import type { Attributes } from "../attributes/attribute.ts";
import { fieldsOf } from "../attributes/serialization.ts";

/** What `on` and the registries need to know of a command or an event class. */
export interface MessageClass<Message = object> {
  new (...args: never[]): Message;
  readonly type: string;
}

/** A class with any constructor: the `this` of static methods. */
export type ClassOf<Instance> = new (values: never) => Instance;

/** Makes an instance of a class of which the compiler does not know the values. */
export function instanceOf<Instance>(anyClass: ClassOf<Instance>, values: object): Instance {
  return new anyClass(values as never);
}

/** Values as an argument. Without any values, the argument is left out. */
export type Given<Values> = keyof Values extends never
  ? []
  : Record<never, never> extends Values
    ? [values?: Values]
    : [values: Values];

/** What a file exports: `import * as events from "./events.ts"`. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** The classes of one kind of message among the exports of a file. Skips value objects, rules and helpers. */
export function messageClassesIn<C extends MessageClass>(
  exports: ModuleExports,
  base: abstract new (...args: never[]) => unknown,
): C[] {
  return Object.values(exports).filter(
    (exported): exported is C => typeof exported === "function" && exported.prototype instanceof base,
  );
}

/** Copies the declared values onto a message and freezes it: messages never change. */
export function assignValues(message: object, attributes: Attributes, values: object): void {
  const [target, source] = [fieldsOf(message), fieldsOf(values)];
  for (const name of Object.keys(attributes)) {
    if (source[name] !== undefined) target[name] = source[name];
  }
  Object.freeze(message);
}

/**
 * In a spec, stands for any message of a class that has these values. Its other values do not matter:
 *
 *     thenEvents(PostAdded, PostTitleChanged.like({ title: "Hello" }));
 */
export class MessagePattern<Message = object> {
  readonly messageClass: MessageClass<Message>;
  readonly values: Readonly<Record<string, unknown>>;

  constructor(messageClass: MessageClass<Message>, values: object) {
    this.messageClass = messageClass;
    this.values = { ...values };
  }
}

export function like<M>(this: MessageClass<M>, values: Partial<M> = {}): MessagePattern<M> {
  return new MessagePattern(this, values);
}
