interface Mistaken {
  readonly id: string;
  readonly class: { readonly type: string };
}

/** A handler of an aggregate does more than say what changes, or returns something wrong. This is a mistake in the program. */
export class HandlerMistake extends TypeError {
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
