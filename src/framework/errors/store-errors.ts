export interface AggregateReference {
  readonly aggregateId: string;
  readonly aggregateType: string;
}

/** Another command stored events of the same aggregate first. Load again, and decide again. */
export class ConcurrentChange extends Error {
  readonly aggregateIds: readonly string[];

  constructor(aggregateIds: readonly string[], options?: ErrorOptions) {
    super(
      `Changed by somebody else in the meantime: ${aggregateIds.join(", ") || "what this unit of work needs"}.`,
      options,
    );
    this.aggregateIds = aggregateIds;
  }
}

/** An aggregate was added, but its id is taken. */
export class AggregateAlreadyExists extends Error {
  readonly aggregateIds: readonly string[];

  constructor(aggregateIds: readonly string[], options?: ErrorOptions) {
    super(`Already exists: ${aggregateIds.join(", ")}.`, options);
    this.aggregateIds = aggregateIds;
  }
}

/** Another aggregate has this key. Answer with 422 at the field, and ask for another. */
export class AggregateKeyNotUnique extends Error {
  readonly scope: string;
  readonly key: string;

  constructor(scope: string, key: string, options?: ErrorOptions) {
    super(`A key of scope "${scope}" is taken.`, options);
    this.scope = scope;
    this.key = key;
  }
}

/** No such aggregate, or not of this type. Answer with 404. */
export class AggregateNotFound extends Error {
  readonly aggregateType: string;
  readonly aggregateId: string;

  constructor({ aggregateType, aggregateId }: AggregateReference, options?: ErrorOptions) {
    super(`There is no ${aggregateType} ${aggregateId}.`, options);
    this.aggregateType = aggregateType;
    this.aggregateId = aggregateId;
  }
}

/** The aggregate is closed: no command may change it or refer to it. Answer with 409. */
export class AggregateClosed extends Error {
  readonly aggregateType: string;
  readonly aggregateId: string;

  constructor({ aggregateType, aggregateId }: AggregateReference, options?: ErrorOptions) {
    super(`The ${aggregateType} ${aggregateId} is closed: it cannot change any more.`, options);
    this.aggregateType = aggregateType;
    this.aggregateId = aggregateId;
  }
}

/** The numbers of the events do not continue their stream. This is a mistake in the program. */
export class SequenceGap extends Error {
  readonly aggregateIds: readonly string[];

  constructor(aggregateIds: readonly string[], options?: ErrorOptions) {
    super(`Sequence numbers do not continue the streams of ${aggregateIds.join(", ")}.`, options);
    this.aggregateIds = aggregateIds;
  }
}

/** A command with this id is stored already. The command service returns the first result. */
export class CommandAlreadyStored extends Error {
  readonly commandIds: readonly string[];

  constructor(commandIds: readonly string[], options?: ErrorOptions) {
    super(`Already stored: command ${commandIds.join(", ")}.`, options);
    this.commandIds = commandIds;
  }
}

/**
 * Another view has gone live since the unit of work began. Or another build has deferred events that must be projected first.
 * Nothing was stored. Catch up, and decide again.
 */
export class ViewsNotCurrent extends Error {
  constructor(options?: ErrorOptions) {
    super("Other views are live now than when this unit of work began.", options);
  }
}

/**
 * The live views are of another version than this build, and lack what a page asks for. Answer with 503. When the views of this
 * build are live (`npm run replay`), it can answer. Until then `/readyz` is 503, too.
 */
export class ViewNotLive extends Error {
  constructor(options: { readonly cause: Error }) {
    super(`The live views are not those of this build: ${options.cause.message}.`, options);
  }
}

/** A row was read or written after the end of its unit of work. Probably an await is missing in a projector. */
export class TransactionEnded extends TypeError {
  constructor() {
    super("The unit of work has ended. Is an await missing in a projector?");
  }
}

/**
 * The store cannot be reached, is full, waited too long for a lock, or lost the connection before it answered. Answer with 503.
 * It is safe to send the command again.
 */
export class StoreUnavailable extends Error {
  /** True if the store may have stored the command before the connection was lost. */
  readonly outcomeUnknown: boolean;

  constructor(outcomeUnknown: boolean, options?: ErrorOptions) {
    const why = options?.cause instanceof Error ? ` (${options.cause.message})` : "";
    super(`The event store is not available${why}.`, options);
    this.outcomeUnknown = outcomeUnknown;
  }
}
