import type { MessageClass } from "./message.ts";

/**
 * Stands in a spec for a message of a class that has these values, whatever its others are:
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
