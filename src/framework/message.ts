import type { Attributes } from "./attribute.ts";

/** The names that a message has by itself; no attribute may take one. */
export type NoneNamed<Reserved extends string> = { readonly [Name in Reserved]?: never };

/** What `on` and the registries need to know of a command or an event class. */
export interface MessageClass<Message = object> {
  new (...args: never[]): Message;
  readonly type: string;
}

/** What a file exports: `import * as events from "./events.ts"`. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Of what a file exports, the classes of one kind of message. Value objects, rules and helpers are left alone. */
export function messageClassesIn<C extends MessageClass>(
  exports: ModuleExports,
  base: abstract new (...args: never[]) => unknown,
): C[] {
  return Object.values(exports).filter(
    (exported): exported is C => typeof exported === "function" && exported.prototype instanceof base,
  );
}

/** Names that every object of JavaScript has already would be taken for declared values, or the other way round. */
export function refuseReservedNames(attributes: Attributes, reserved: readonly string[] = []): void {
  for (const name of Object.keys(attributes))
    if (name in Object.prototype || reserved.includes(name))
      throw new TypeError(
        `An attribute cannot be named "${name}", which is there already. Give it another name.`,
      );
}

/** Copies the declared values onto a message and freezes it: what was asked or happened does not change. */
export function assignValues(message: object, attributes: Attributes, values: object): void {
  const target = message as Record<string, unknown>;
  const source = values as Record<string, unknown>;
  for (const name of Object.keys(attributes)) {
    if (source[name] !== undefined) target[name] = source[name];
  }
  Object.freeze(message);
}
