import { isDeepStrictEqual } from "node:util";
import type { Attributes, ValuesOf } from "../attributes/attribute.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { AggregateClosed, type AggregateReference } from "../errors/store-errors.ts";
import { type BaseEvent, type EventClass, type EventValues, withEnvelope } from "../messages/event.ts";
import type { HandlerGate } from "../messages/handler-gate.ts";
import { type Given, instanceOf } from "../messages/message.ts";
import { type Handler, HandlersByClass } from "../messages/message-handler.ts";
import { AggregateState, type Changes } from "./aggregate-state.ts";
import { HandlerMistake } from "./handler-mistake.ts";
import type { Beginning, Snapshots } from "./snapshot.ts";

/** Keys that no other aggregate may have, by scope; one, several or none each: `{ author_email: "ben@example.com" }` */
export type UniqueKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AggregateClass<A extends BaseAggregate = BaseAggregate> {
  new (id: string): A;
  /** Its name in the database. It never changes. */
  readonly type: string;
  readonly attributes: Attributes;
  /** For a class with a long history: `static readonly snapshots = { every: 100, version: 1 }`. */
  readonly snapshots?: Snapshots | undefined;
}

export abstract class BaseAggregate<State extends object = object> {
  readonly id: string;
  abstract readonly handlers: readonly Handler[];
  #state: AggregateState;
  #version = 0;
  readonly #handlers = new HandlersByClass();
  #handling = false;
  #uncommitted: BaseEvent[] = [];
  #gate: HandlerGate | undefined;

  /** This also runs at each load. So it applies nothing; a static method makes a new aggregate. */
  constructor(id: string) {
    this.id = id;
    this.#state = new AggregateState(this.class.attributes);
  }

  get class(): AggregateClass {
    return this.constructor as AggregateClass;
  }

  get reference(): AggregateReference {
    return { aggregateType: this.class.type, aggregateId: this.id };
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

  /**
   * From now on, it refuses events while the gate is closed. A new aggregate already has events, with the time of the machine:
   * they happen again, at the time of the unit's clock.
   */
  standBehind(gate: HandlerGate): void {
    this.#gate = gate;
    if (!gate.clock || this.#uncommitted.length === 0) return;
    const createdAt = gate.clock();
    this.#uncommitted = this.#uncommitted.map((event) => withEnvelope(event, { createdAt }));
    this.#state = new AggregateState(this.class.attributes);
    for (const event of this.#uncommitted) this.#handle(event);
  }

  /** Throws `AggregateClosed`. */
  refuseIfClosed(): void {
    if (this.isClosed) throw new AggregateClosed(this.reference);
  }

  takeUncommittedEvents(): BaseEvent[] {
    const events = this.#uncommitted;
    this.#uncommitted = [];
    return events;
  }

  /** Makes an event, keeps it for the store, and changes the state. */
  protected apply<C extends EventClass>(eventClass: C, ...[values]: Given<EventValues<C>>): void {
    this.#apply(eventClass, values);
  }

  /** Applies the event only if one of its values differs from the state, by name. */
  protected applyIfChanged<C extends EventClass>(
    eventClass: C,
    values: Remembered<EventValues<C>, State>,
  ): void {
    const given = new Map<string, unknown>(Object.entries(values));
    const changed = () =>
      Object.keys(eventClass.attributes).find(
        (name) => !isDeepStrictEqual(given.get(name), this.#state.values[name]),
      );
    if (changed() === undefined) return;
    this.#apply(eventClass, values);
    const name = changed();
    if (name !== undefined)
      this.#refuse(
        eventClass.type,
        `No handler of ${this.class.name} returns "${name}" as ${eventClass.type} has it, so applyIfChanged would apply it each time. Add to its handlers: on(${eventClass.type}, ({ ${name} }) => ({ ${name} })).`,
      );
  }

  #apply(eventClass: EventClass, values: object | undefined): void {
    if (this.#handling)
      this.#refuse(
        eventClass.type,
        `A handler of ${this.class.name} applied ${eventClass.type}. Handlers only say what changes; decide in the method.`,
      );
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

  #handle(event: BaseEvent, isNew = false): void {
    const { type } = event.class;
    this.#handling = true;
    try {
      for (const handler of this.#handlers.of(this.handlers, event)) {
        const refusal = this.#state.change(handler.handle(event), isNew);
        if (refusal !== undefined)
          this.#refuse(type, `The handler of ${this.class.name} for ${type} ${refusal}`);
      }
    } catch (cause) {
      if (cause instanceof HandlerMistake) throw cause;
      const what = cause instanceof Error ? cause.constructor.name : "something";
      this.#refuse(
        type,
        `The handler of ${this.class.name} for ${type} threw ${what}. Handlers only say what changes; check rules in the method, before apply.`,
        { cause },
      );
    } finally {
      this.#handling = false;
    }
    this.#version = event.sequenceNumber;
  }

  #refuse(eventType: string, message: string, options?: ErrorOptions): never {
    throw new HandlerMistake(this, eventType, message, options);
  }
}

/** The values of an event. The state must have all of their names. */
type Remembered<Values, State> = Values & { readonly [Name in Exclude<keyof Values, keyof State>]: never };

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
  declared?: NoneReserved<A, never, "an aggregate">,
) {
  const attributes: Attributes = declared ?? {};
  if (typeof type !== "string" || type === "")
    throw new TypeError(
      'An aggregate needs a saved name. Write: class Post extends AggregateRoot("Post", { … })',
    );
  refuseReservedNames(attributes, "an aggregate", {});

  abstract class DeclaredAggregate extends BaseAggregate<ValuesOf<A>> {
    static readonly type: string = type;
    static readonly attributes: Attributes = attributes;
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing
    abstract override readonly handlers: readonly Handler<Changes<ValuesOf<A>> | void, keyof A>[];
  }
  return DeclaredAggregate;
}
