import type { MessageClass } from "./message.ts";

export interface Handler<Result = unknown, Names = unknown> {
  readonly messageClasses: readonly MessageClass[];
  handle(message: object): Result;
  /** Never there. By it the compiler sees a name too many in what a handler returns. */
  readonly names?: Names;
}

/** One that nobody asks for anything. A promise is awaited; a list of promises would not be, so it does not compile. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing
export type SilentHandler = Handler<void | Promise<unknown>>;

/** `InstanceType` gives `any` where nothing is known of the class but that it is one of messages. */
type MessageOf<C extends MessageClass> = C extends MessageClass<infer Message> ? Message : never;

type NamesOf<Result> = Result extends object ? keyof Result : never;

/**
 * Says what is done with a message of a class, or of several:
 *
 *     on(PostTitleChanged, ({ title }) => ({ title }))
 */
export function on<C extends MessageClass, const Result>(
  messageClass: C | readonly C[],
  handle: (message: MessageOf<C>) => Result,
): Handler<Result, NamesOf<Result>> {
  const messageClasses: readonly C[] = Array.isArray(messageClass) ? messageClass : [messageClass];
  for (const each of messageClasses.length > 0 ? messageClasses : [undefined])
    if (typeof each !== "function")
      throw new TypeError("on() needs a message class. One that is undefined is often imported in a circle.");
  return { messageClasses, handle };
}

/** The handlers that take a message, in the order in which they are written. */
export function handlersOf(handlers: readonly Handler[], message: object): readonly Handler[] {
  const classes = classesOf(message);
  const taking: Handler[] = [];
  for (const handler of handlers) if (takes(handler, classes)) taking.push(handler);
  return taking;
}

/** Asked of every handler for every message, so that it makes nothing. */
function takes({ messageClasses }: Handler, classes: ReadonlySet<unknown>): boolean {
  for (const messageClass of messageClasses) if (classes.has(messageClass)) return true;
  return false;
}

/** The class of a message and those that it extends: to look there is many times faster than `instanceof`. */
function classesOf(message: object): ReadonlySet<unknown> {
  const known = lineages.get(message.constructor);
  if (known) return known;
  const classes = new Set<unknown>();
  for (let one: unknown = message.constructor; typeof one === "function"; one = Object.getPrototypeOf(one))
    classes.add(one);
  lineages.set(message.constructor, classes);
  return classes;
}

const lineages = new WeakMap<object, ReadonlySet<unknown>>();
