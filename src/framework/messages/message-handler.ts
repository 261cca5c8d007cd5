import type { Delivery } from "./delivery.ts";
import type { MessageClass } from "./message.ts";

export interface Handler<Result = unknown, Names = unknown, More extends readonly unknown[] = readonly []> {
  readonly messageClasses: readonly MessageClass[];
  handle(message: object, ...more: More): Result;
  /** For the compiler only: it finds names in a handler's result that are not declared. */
  readonly names?: Names;
  /** For the compiler only: what the handler takes after the message. Only a subscription has more to give. */
  readonly more?: More;
}

/** A handler without a result. A promise is awaited. A list of promises would not be, so it does not compile. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing
export type SilentHandler = Handler<void | Promise<unknown>>;

/** A handler of a subscription. It may take the delivery, too. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing
export type DeliveryHandler = Handler<void | Promise<unknown>, unknown, readonly Delivery[]>;

/** `InstanceType` would give `any` for a class of which only `MessageClass` is known. */
type MessageOf<C extends MessageClass> = C extends MessageClass<infer Message> ? Message : never;

type NamesOf<Result> = Result extends object ? keyof Result : never;

/**
 * Declares what to do with a message of one or more classes:
 *
 *     on(PostTitleChanged, ({ title }) => ({ title }))
 *
 * In a subscription, the handler also gets the delivery: `on(PostPublished, (event, delivery) => …)`.
 */
export function on<C extends MessageClass, const Result, More extends readonly Delivery[]>(
  messageClass: C | readonly C[],
  handle: (message: MessageOf<C>, ...more: More) => Result,
): Handler<Result, NamesOf<Result>, More> {
  const messageClasses: readonly C[] = Array.isArray(messageClass) ? messageClass : [messageClass];
  for (const each of messageClasses.length > 0 ? messageClasses : [undefined])
    if (typeof each !== "function")
      throw new TypeError(
        "on() needs a message class. If it is undefined, two files may import each other in a circle.",
      );
  return { messageClasses, handle };
}

/** The handlers that take a message, in the order of the list. Runs for each message and each list, so it has no closures. */
export function handlersOf<Each extends Pick<Handler, "messageClasses">>(
  handlers: readonly Each[],
  message: object,
): readonly Each[] {
  const taking: Each[] = [];
  for (const handler of handlers) if (takes(handler, message)) taking.push(handler);
  return taking;
}

/** The handlers that take a message, looked up once for each class: an aggregate may have a thousand events, a replay millions. */
export class HandlersByClass {
  readonly #known = new Map<unknown, readonly Handler[]>();

  of(handlers: readonly Handler[], message: object): readonly Handler[] {
    const known = this.#known.get(message.constructor);
    if (known) return known;
    const found = handlersOf(handlers, message);
    this.#known.set(message.constructor, found);
    return found;
  }
}

/** Walks up from the class of the message. `instanceof` takes three times as long here, where classes are many. */
function takes({ messageClasses }: Pick<Handler, "messageClasses">, message: object): boolean {
  let one: unknown = message.constructor;
  while (typeof one === "function") {
    for (const messageClass of messageClasses) if (one === messageClass) return true;
    one = Object.getPrototypeOf(one);
  }
  return false;
}
