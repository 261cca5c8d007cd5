import type { MessageClass } from "./message.ts";

export interface Handler {
  readonly messageClasses: readonly MessageClass[];
  handle(message: object): unknown;
}

/**
 * Says what is done with a message of a class, or of several:
 *
 *     on(PostTitleChanged, (event) => { this.#title = event.title; })
 */
export function on<C extends MessageClass>(
  messageClass: C | readonly C[],
  handle: (message: InstanceType<C>) => unknown,
): Handler {
  const messageClasses: readonly C[] = Array.isArray(messageClass) ? messageClass : [messageClass];
  if (messageClasses.length === 0 || messageClasses.some((each) => typeof each !== "function"))
    throw new TypeError("on() needs a message class. One that is undefined is often imported in a circle.");
  return { messageClasses, handle };
}

/** The handlers that take a message, in the order in which they are written. */
export function handlersOf(handlers: readonly Handler[], message: object): readonly Handler[] {
  return handlers.filter(({ messageClasses }) =>
    messageClasses.some((messageClass) => message instanceof messageClass),
  );
}
