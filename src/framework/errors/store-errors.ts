export interface AggregateReference {
  readonly aggregateId: string;
  readonly aggregateType: string;
}

/** Somebody else stored events of the same aggregate first. Load again and decide anew. */
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

/** An aggregate is added under an id that is taken. */
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

/** The aggregate has come to its end: nothing happens to it any more, and nothing new may refer to it. Answer with 409. */
export class AggregateClosed extends Error {
  readonly aggregateType: string;
  readonly aggregateId: string;

  constructor({ aggregateType, aggregateId }: AggregateReference, options?: ErrorOptions) {
    super(`The ${aggregateType} ${aggregateId} is closed: nothing happens to it any more.`, options);
    this.aggregateType = aggregateType;
    this.aggregateId = aggregateId;
  }
}

/** The store refused events whose numbers do not continue their stream: a mistake of the program. */
export class SequenceGap extends Error {
  readonly aggregateIds: readonly string[];

  constructor(aggregateIds: readonly string[], options?: ErrorOptions) {
    super(`Sequence numbers do not continue the streams of ${aggregateIds.join(", ")}.`, options);
    this.aggregateIds = aggregateIds;
  }
}

/** A command with this id is stored already. The command service answers with the result of the first time. */
export class CommandAlreadyStored extends Error {
  readonly commandIds: readonly string[];

  constructor(commandIds: readonly string[], options?: ErrorOptions) {
    super(`Already stored: command ${commandIds.join(", ")}.`, options);
    this.commandIds = commandIds;
  }
}

/**
 * Which views are live has changed since the unit of work began, or another build has put events aside that must be
 * projected before its own. Catch up, and run it again; nothing was stored.
 */
export class ViewsNotCurrent extends Error {
  constructor(options?: ErrorOptions) {
    super("The views are not what this unit of work was made for.", options);
  }
}

/**
 * What a page asks for is not in the views: they are of another version than this build. Answer with 503. A newer build
 * can answer once its views are live (`npm run replay`); until then `/readyz` keeps people away from it.
 */
export class ViewNotLive extends Error {
  constructor(options: { readonly cause: Error }) {
    super(`The views that are live are not those of this build: ${options.cause.message}.`, options);
  }
}

/** A row was read or written after the end of its unit of work: an await is missing, in a projector most likely. */
export class TransactionEnded extends TypeError {
  constructor() {
    super("The unit of work has ended. Is an await missing in a projector?");
  }
}

/**
 * The store cannot be reached, has no room, waited too long for a lock, or was cut off before it answered. Answer with
 * 503; it is safe to repeat.
 */
export class StoreUnavailable extends Error {
  /** True where the store may have done what was asked before it was cut off. */
  readonly outcomeUnknown: boolean;

  constructor(outcomeUnknown: boolean, options?: ErrorOptions) {
    const why = options?.cause instanceof Error ? ` (${options.cause.message})` : "";
    super(`The event store is not available${why}.`, options);
    this.outcomeUnknown = outcomeUnknown;
  }
}
