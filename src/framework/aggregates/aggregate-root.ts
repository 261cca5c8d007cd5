import { isDeepStrictEqual } from "node:util";
import type { Attributes, ValuesOf } from "../attributes/attribute.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { AggregateClosed } from "../errors/store-errors.ts";
import { type BaseEvent, type EventClass, type EventValues, withEnvelope } from "../messages/event.ts";
import type { HandlerGate } from "../messages/handler-gate.ts";
import type { Given } from "../messages/message.ts";
import { instanceOf } from "../messages/message.ts";
import { type Handler, handlersOf } from "../messages/message-handler.ts";
import { AggregateState, type Changes, initialValues, type Values } from "./aggregate-state.ts";
import type { Beginning, Snapshots } from "./snapshot.ts";

/** Keys that no other aggregate may have, one or several for each scope: `{ author_email: "ben@example.com" }` */
export type UniqueKeys = Readonly<Record<string, string | readonly string[]>>;

export interface AggregateClass<A extends BaseAggregate = BaseAggregate> {
  new (id: string): A;
  /** Its name in the database. It never changes. */
  readonly type: string;
  readonly attributes: Attributes;
  /** For a class with a long history: `static readonly snapshots = { every: 100, version: 1 }`. */
  readonly snapshots?: Snapshots | undefined;
}

/** The base class of all aggregates. */
export abstract class BaseAggregate<State extends object = object> {
  readonly id: string;
  abstract readonly handlers: readonly Handler[];
  #state: AggregateState;
  #version = 0;
  #handling = false;
  #uncommitted: BaseEvent[] = [];
  #gate: HandlerGate | undefined;

  constructor(id: string, state: AggregateState) {
    this.id = id;
    this.#state = state;
  }

  /**
   * What its handlers returned. It is read-only. Each `apply` makes a new state, so read it again afterwards.
   * Until an event sets a value, it is undefined; a list is empty.
   */
  get state(): Readonly<State> {
    return this.#state.values as State;
  }

  /** The sequence number of its last event. */
  get version(): number {
    return this.#version;
  }

  get uncommittedEvents(): readonly BaseEvent[] {
    return this.#uncommitted;
  }

  /** No other aggregate of any class may have these keys. The store checks this. */
  get uniqueKeys(): UniqueKeys {
    return {};
  }

  /** True after its last event: no command may change it or refer to it any more. It never opens again. */
  get isClosed(): boolean {
    return false;
  }

  loadFromHistory(events: Iterable<BaseEvent>, beginning?: Beginning): this {
    if (beginning) {
      this.#state.change(beginning.state, false);
      this.#version = beginning.version;
    }
    for (const event of events) this.#handle(event);
    return this;
  }

  /** From now on, it refuses events while the gate is closed. */
  standBehind(gate: HandlerGate): void {
    this.#gate = gate;
    if (gate.clock && this.#uncommitted.length > 0) this.#happenAgain(gate.clock());
  }

  /** Throws `AggregateClosed`. */
  refuseIfClosed(): void {
    if (!this.isClosed) return;
    const { type: aggregateType } = this.constructor as AggregateClass;
    throw new AggregateClosed({ aggregateType, aggregateId: this.id });
  }

  takeUncommittedEvents(): BaseEvent[] {
    const events = this.#uncommitted;
    this.#uncommitted = [];
    return events;
  }

  /** Makes an event, keeps it for the store, and changes the state. */
  protected apply<C extends EventClass>(eventClass: C, ...[values]: Given<EventValues<C>>): void {
    if (this.#handling) throw new HandlerDecided(this, eventClass.type);
    this.#gate?.check(eventClass.type, "was applied");
    this.refuseIfClosed();
    const envelope = {
      aggregateId: this.id,
      sequenceNumber: this.#version + 1,
      createdAt: this.#gate?.clock?.() ?? new Date(),
    };
    // A spread takes ten times as long.
    const event = instanceOf(eventClass, Object.assign({}, values, envelope));
    this.#handle(event, true);
    this.#uncommitted.push(event);
  }

  /** Applies the event only if one of its values differs from the state, by name. */
  protected applyIfChanged<C extends EventClass>(
    eventClass: C,
    values: Remembered<EventValues<C>, State>,
  ): void {
    const given = values as Values;
    const names = Object.keys(eventClass.attributes);
    if (names.every((name) => isDeepStrictEqual(given[name], this.#state.values[name]))) return;
    this.apply(eventClass, ...([values] as unknown as Given<EventValues<C>>));
    for (const name of names)
      if (!isDeepStrictEqual(given[name], this.#state.values[name]))
        throw new ChangeNotRemembered(this, eventClass.type, name);
  }

  /**
   * A new aggregate has events before its unit of work knows it. These have the time of the machine. Here they get the time
   * of the unit's clock.
   */
  #happenAgain(createdAt: Date): void {
    this.#uncommitted = this.#uncommitted.map((event) => withEnvelope(event, { createdAt }));
    this.#state = this.#state.initial();
    for (const event of this.#uncommitted) this.#handle(event);
  }

  #handle(event: BaseEvent, isNew = false): void {
    this.#handling = true;
    try {
      for (const handler of handlersOf(this.handlers, event)) {
        const refusal = this.#state.change(handler.handle(event), isNew);
        if (refusal !== undefined) throw new ChangeNotDeclared(this, event, refusal);
      }
    } catch (error) {
      throw isAboutHandlers(error) ? error : new HandlerThrew(this, event, { cause: error });
    } finally {
      this.#handling = false;
    }
    this.#version = event.sequenceNumber;
  }
}

/** The values of an event. The state must have all of their names. */
type Remembered<Values, State> = Values & { readonly [Name in Exclude<keyof Values, keyof State>]: never };

const reservedNames = {
  id: true,
  version: true,
  state: true,
  handlers: true,
  uniqueKeys: true,
  isClosed: true,
  uncommittedEvents: true,
} as const;

/**
 * Declares an aggregate: its name in the database, which never changes, and its state. Methods decide and `apply` events.
 * Handlers only return what changes in the state, because they run again each time the aggregate is loaded.
 *
 *     class Post extends AggregateRoot("Post", { title: string(), publicationDate: optional(date()) }) {
 *       publish(publicationDate: CalendarDate): void {
 *         if (this.state.publicationDate) throw new PostAlreadyPublished(this.id, this.state.publicationDate);
 *         this.apply(PostPublished, { publicationDate });
 *       }
 *       readonly handlers = [
 *         on(PostTitleChanged, ({ title }) => ({ title })),
 *         on(PostPublished, ({ publicationDate }) => ({ publicationDate })),
 *       ];
 *     }
 */
export function AggregateRoot<const A extends Attributes = Record<never, never>>(
  type: string,
  declared?: NoneReserved<A, keyof typeof reservedNames, "an aggregate">,
) {
  if (typeof type !== "string" || type === "")
    throw new TypeError(
      'An aggregate needs a saved name. Write: class Post extends AggregateRoot("Post", { … })',
    );
  const attributes: Attributes = declared ?? {};
  refuseReservedNames(attributes, "an aggregate", reservedNames);
  const initial = initialValues(attributes);

  abstract class DeclaredAggregate extends BaseAggregate<ValuesOf<A>> {
    static readonly type: string = type;
    static readonly attributes = attributes;
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing
    abstract override readonly handlers: readonly Handler<Changes<ValuesOf<A>> | void, keyof A>[];

    /** This also runs at each load. So it applies nothing; a static method makes a new aggregate. */
    constructor(id: string) {
      super(id, new AggregateState(attributes, initial));
    }
  }
  return DeclaredAggregate;
}

/** A handler of an aggregate applied an event. Each load would apply it again: decide in a method instead. */
export class HandlerDecided extends Error {
  readonly aggregateId: string;
  readonly eventType: string;

  constructor(aggregate: BaseAggregate, eventType: string) {
    super(
      `A handler of ${aggregate.constructor.name} applied ${eventType}. Handlers only say what changes; decide in the method.`,
    );
    this.aggregateId = aggregate.id;
    this.eventType = eventType;
  }
}

/** A handler of an aggregate threw. A rule there would be too late: the event has happened. Check it in a method instead. */
export class HandlerThrew extends Error {
  readonly aggregateId: string;
  readonly eventType: string;

  constructor(aggregate: BaseAggregate, event: BaseEvent, options: { readonly cause: unknown }) {
    const { cause } = options;
    const what = cause instanceof Error ? cause.constructor.name : "something";
    super(
      `The handler of ${aggregate.constructor.name} for ${event.class.type} threw ${what}. Handlers only say what changes; check rules in the method, before apply.`,
      options,
    );
    this.aggregateId = aggregate.id;
    this.eventType = event.class.type;
  }
}

function isAboutHandlers(error: unknown): boolean {
  return error instanceof HandlerDecided || error instanceof ChangeNotDeclared;
}

/** A handler of an aggregate returned something that the state does not declare. It is a mistake in the program. */
export class ChangeNotDeclared extends TypeError {
  readonly aggregateType: string;
  readonly eventType: string;

  constructor(aggregate: BaseAggregate, event: BaseEvent, refusal: string) {
    const aggregateClass = aggregate.constructor as AggregateClass & { readonly name: string };
    super(`The handler of ${aggregateClass.name} for ${event.constructor.name} ${refusal}`);
    this.aggregateType = aggregateClass.type;
    this.eventType = event.class.type;
  }
}

/** No handler puts the value of `applyIfChanged` into the state. So it would apply the event each time. */
export class ChangeNotRemembered extends TypeError {
  readonly aggregateId: string;
  readonly eventType: string;

  constructor(aggregate: BaseAggregate, eventType: string, name: string) {
    super(
      `No handler of ${aggregate.constructor.name} returns "${name}" as ${eventType} has it, so applyIfChanged would apply it each time. Add to its handlers: on(${eventType}, ({ ${name} }) => ({ ${name} })).`,
    );
    this.aggregateId = aggregate.id;
    this.eventType = eventType;
  }
}
