import type { Attributes, JsonObject, ValuesOf } from "../attributes/attribute.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { attributesFromJson, attributesToJson } from "../attributes/serialization.ts";
import { messageOf, textsIn } from "../errors/describe-error.ts";
import { assignValues, type MessageClass, type ModuleExports, messageClassesIn } from "./message.ts";
import { MessagePattern } from "./message-pattern.ts";

/** What every event has: its aggregate, its number and its time. */
export interface EventEnvelope {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly createdAt: Date;
}

export abstract class BaseEvent implements EventEnvelope {
  // Only declared: to define these fields first would double the time that making an event takes.
  declare readonly aggregateId: string;
  declare readonly sequenceNumber: number;
  declare readonly createdAt: Date;

  constructor({ aggregateId, sequenceNumber, createdAt }: EventEnvelope) {
    this.aggregateId = aggregateId;
    this.sequenceNumber = sequenceNumber;
    this.createdAt = createdAt;
  }

  get class(): EventClass {
    return this.constructor as unknown as EventClass;
  }

  toJson(): JsonObject {
    try {
      return attributesToJson(this.class.attributes, this as unknown as Record<string, unknown>);
    } catch (error) {
      throw new TypeError(`${this.class.type}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}

/**
 * Stands for every event of any class. For an audit, a feed, or the time of the last change.
 *
 *     on(anyEvent, ({ aggregateId, class: { type }, createdAt }) => …)
 */
export const anyEvent = BaseEvent as unknown as MessageClass<BaseEvent>;

/** Turns the JSON of an old event into the JSON of the next version. */
export type Upcast = (json: JsonObject) => JsonObject;

export interface EventClass<E extends BaseEvent = BaseEvent> extends MessageClass<E> {
  readonly attributes: Attributes;
  readonly upcasts: readonly Upcast[];
}

/** An event class whose attributes are not known. */
export type EventConstructor = new (values: object) => BaseEvent;

const reservedNames: Readonly<Record<keyof BaseEvent, true>> = {
  aggregateId: true,
  sequenceNumber: true,
  createdAt: true,
  class: true,
  toJson: true,
};

export interface DeclaredEventClass<A extends Attributes> {
  new (values: ValuesOf<A> & EventEnvelope): BaseEvent & ValuesOf<A>;
  readonly type: string;
  readonly attributes: A;
  readonly upcasts: readonly Upcast[];
  /** An event for a test: `PostTitleChanged.of(postId, { title })`. It gets its number when it is stored. */
  of<E extends BaseEvent>(
    this: new (
      values: never,
    ) => E,
    aggregateId: string,
    ...values: Given<ValuesOf<A>>
  ): E;
  /** For a spec: any event of this class with these values, `PostPublished.like({ publicationDate })`. */
  like<E extends BaseEvent>(
    this: new (
      values: never,
    ) => E,
    values?: Partial<ValuesOf<A> & EventEnvelope>,
  ): MessagePattern<E>;
}

/** Values as an argument. Without any values, the argument is left out. */
export type Given<Values> = keyof Values extends never
  ? []
  : Record<never, never> extends Values
    ? [values?: Values]
    : [values: Values];

/** The values of the declared attributes of an event: the argument of `apply`. */
export type EventValues<C> = C extends { readonly attributes: infer A extends Attributes }
  ? ValuesOf<A>
  : never;

/**
 * Declares an event: its name in the database, which never changes, and its attributes.
 *
 *     class PostTitleChanged extends Event("PostTitleChanged", { title: string() }) {}
 *
 * When the attributes change, add an upcast: a function that turns the JSON of an old event into the new JSON. An event is
 * stored with the number of upcasts at that time. When it is loaded, the later ones run, in order:
 *
 *     class PostTitleChanged extends Event("PostTitleChanged", { title: string() }) {
 *       static override readonly upcasts: Upcast[] = [({ name, ...json }) => ({ ...json, title: name ?? "" })];
 *     }
 */
export function Event<const A extends Attributes = Record<never, never>>(
  type: string,
  attributes: NoneReserved<A, keyof BaseEvent, "an event"> = {} as NoneReserved<
    A,
    keyof BaseEvent,
    "an event"
  >,
): DeclaredEventClass<A> {
  refuseReservedNames(attributes, "an event", reservedNames);
  class DeclaredEvent extends BaseEvent {
    static readonly type = type;
    static readonly attributes = attributes;
    static readonly upcasts: readonly Upcast[] = [];

    constructor(values: EventEnvelope) {
      super(values);
      assignValues(this, attributes, values);
    }

    static of(aggregateId: string, values: object = {}): DeclaredEvent {
      return new this({ ...values, aggregateId, sequenceNumber: 0, createdAt: new Date() });
    }

    static like(values: object = {}): MessagePattern {
      // biome-ignore lint/complexity/noThisInStatic: the class that extends this declaration
      return new MessagePattern(this, values);
    }
  }
  return DeclaredEvent as unknown as DeclaredEventClass<A>;
}

/** The same event with another number or time. */
export function withEnvelope(event: BaseEvent, envelope: Partial<EventEnvelope>): BaseEvent {
  return new (event.class as unknown as EventConstructor)({ ...event, ...envelope });
}

/** An event as a store keeps it. */
export interface StoredEvent extends EventEnvelope {
  readonly type: string;
  /** How many upcasts its class had when it was stored. */
  readonly version: number;
  readonly payload: JsonObject;
}

export function storedEvent(event: BaseEvent): StoredEvent {
  const { aggregateId, sequenceNumber, createdAt } = event;
  const { type, upcasts } = event.class;
  return { aggregateId, sequenceNumber, createdAt, type, version: upcasts.length, payload: event.toJson() };
}

/** The database has an event whose class the program does not know. List the class where the `EventTypes` are made. */
export class UnknownEventType extends Error {
  readonly type: string;

  constructor(type: string) {
    super(
      `No class is known for the stored event type "${type}". Export one from its events.ts, or put it back. A class that was renamed keeps the name under which it is stored: Event("${type}", …).`,
    );
    this.type = type;
  }
}

/** The class of an event is not listed, so nobody could read the event again. It is not stored. */
export class EventNotListed extends TypeError {
  readonly type: string;

  constructor({ name, type }: NamedEventClass, listed: NamedEventClass | undefined) {
    super(
      listed
        ? `${name} is saved as "${type}", and so is ${listed.name}, which is listed in new EventTypes([…]). Rename one.`
        : `${name} is not listed, so it could not be read again. Export it from the events.ts of a listed module, or add it to new EventTypes([…]).`,
    );
    this.type = type;
  }
}

type NamedEventClass = EventClass & { readonly name?: string };

/** The stored payload does not fit the class of its event: the class has changed, and an upcast is missing. */
export class EventNotReadable extends Error {
  readonly #event: StoredEvent;

  constructor(event: StoredEvent, cause: unknown, why: string) {
    const { type, version, aggregateId, sequenceNumber } = event;
    super(
      `${type} (version ${version}) of ${aggregateId}, number ${sequenceNumber}: ${why}. Is an upcast missing?`,
      { cause },
    );
    this.#event = event;
  }

  /** A getter, not a field: a log that writes the fields of an error must not contain the values of the event. */
  get event(): StoredEvent {
    return this.#event;
  }

  get hidden(): readonly string[] {
    return textsIn(this.#event.payload);
  }
}

/** Has the class of every event that can be stored: `new EventTypes([authorEvents, postEvents])`. */
export class EventTypes {
  readonly #classes = new Map<string, EventClass>();

  constructor(modules: readonly ModuleExports[]) {
    for (const exports of modules)
      for (const eventClass of messageClassesIn<NamedEventClass>(exports, BaseEvent)) this.#add(eventClass);
  }

  #add(eventClass: NamedEventClass): void {
    const { name, type } = eventClass;
    const known: NamedEventClass | undefined = this.#classes.get(type);
    if (known && known !== eventClass)
      throw new TypeError(
        `Two event classes are saved as "${type}": ${known.name} and ${name}. Give one of them another name in its events.ts.`,
      );
    this.#classes.set(type, eventClass);
  }

  knows(type: string): boolean {
    return this.#classes.has(type);
  }

  get classes(): readonly EventClass[] {
    return [...this.#classes.values()];
  }

  classOf(type: string): EventClass {
    const eventClass = this.#classes.get(type);
    if (!eventClass) throw new UnknownEventType(type);
    return eventClass;
  }

  /** Only events that can be read again may be stored. */
  checkListed({ class: eventClass }: BaseEvent): void {
    const listed = this.#classes.get(eventClass.type);
    if (listed !== eventClass) throw new EventNotListed(eventClass, listed);
  }

  /** The names of these classes, and of the classes that extend them. */
  typesOf(messageClasses: readonly MessageClass[]): string[] {
    const isOne = ({ prototype }: EventClass) =>
      messageClasses.some((each) => prototype instanceof each || prototype === each.prototype);
    return this.classes.filter(isOne).map(({ type }) => type);
  }

  /** The payload of the event in the present version. */
  upcast(stored: StoredEvent): JsonObject {
    const { upcasts } = this.classOf(stored.type);
    if (stored.version === upcasts.length) return stored.payload;
    try {
      if (stored.version > upcasts.length) throw new TypeError("a later version of this program stored it");
      return upcasts.slice(stored.version).reduce((json, upcast) => upcast(json), stored.payload);
    } catch (error) {
      throw new EventNotReadable(stored, error, messageOf(error, textsIn(stored.payload)));
    }
  }

  load(stored: StoredEvent): BaseEvent {
    const eventClass = this.classOf(stored.type);
    const payload = this.upcast(stored);
    try {
      const values = attributesFromJson(eventClass.attributes, payload);
      values["aggregateId"] = stored.aggregateId;
      values["sequenceNumber"] = stored.sequenceNumber;
      values["createdAt"] = stored.createdAt;
      return new (eventClass as unknown as EventConstructor)(values);
    } catch (error) {
      throw new EventNotReadable(stored, error, messageOf(error, [])); // the errors of attributes hide personal values
    }
  }
}
