interface Mistaken {
  readonly id: string;
  readonly class: { readonly name: string; readonly type: string };
}

/** A handler of an aggregate does more than say what changes, or says it wrong. It is a mistake in the program. */
abstract class HandlerMistake extends TypeError {
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly eventType: string;

  constructor(aggregate: Mistaken, eventType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.aggregateType = aggregate.class.type;
    this.aggregateId = aggregate.id;
    this.eventType = eventType;
  }
}

/** It applied an event. Each load would apply it again: decide in a method instead. */
export class HandlerDecided extends HandlerMistake {
  constructor(aggregate: Mistaken, eventType: string) {
    const message = `A handler of ${aggregate.class.name} applied ${eventType}. Handlers only say what changes; decide in the method.`;
    super(aggregate, eventType, message);
  }
}

/** It threw. A rule there would be too late: the event has happened. Check it in a method instead. */
export class HandlerThrew extends HandlerMistake {
  constructor(aggregate: Mistaken, eventType: string, options: { readonly cause: unknown }) {
    const what = options.cause instanceof Error ? options.cause.constructor.name : "something";
    const message = `The handler of ${aggregate.class.name} for ${eventType} threw ${what}. Handlers only say what changes; check rules in the method, before apply.`;
    super(aggregate, eventType, message, options);
  }
}

/** It returned something that the state does not declare. */
export class ChangeNotDeclared extends HandlerMistake {
  constructor(aggregate: Mistaken, eventType: string, refusal: string) {
    super(aggregate, eventType, `The handler of ${aggregate.class.name} for ${eventType} ${refusal}`);
  }
}

/** It does not put the value of `applyIfChanged` into the state, so the event would be applied each time. */
export class ChangeNotRemembered extends HandlerMistake {
  constructor(aggregate: Mistaken, eventType: string, name: string) {
    const message = `No handler of ${aggregate.class.name} returns "${name}" as ${eventType} has it, so applyIfChanged would apply it each time. Add to its handlers: on(${eventType}, ({ ${name} }) => ({ ${name} })).`;
    super(aggregate, eventType, message);
  }
}

export function isHandlerMistake(error: unknown): boolean {
  return error instanceof HandlerMistake;
}
