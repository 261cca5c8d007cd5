import type { Attributes, JsonObject, ValuesOf } from "../attributes/attribute.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { attributesToJson } from "../attributes/serialization.ts";
import { assignValues, type ClassOf, type Given, instanceOf, like, type MessageClass } from "./message.ts";

/** What every event has: its aggregate, its number and its time. */
export interface EventEnvelope {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly createdAt: Date;
}

export class BaseEvent implements EventEnvelope {
  static readonly type: string = "any event";
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
    return this.constructor as EventClass;
  }

  toJson(): JsonObject {
    try {
      return attributesToJson(this.class.attributes, this);
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
export const anyEvent: MessageClass<BaseEvent> = BaseEvent;

/** Turns the JSON of an old event into the JSON of the next version. */
export type Upcast = (json: JsonObject) => JsonObject;

export interface EventClass<E extends BaseEvent = BaseEvent> extends MessageClass<E> {
  readonly name: string;
  readonly attributes: Attributes;
  readonly upcasts: readonly Upcast[];
}

export function withEnvelope(event: BaseEvent, envelope: Partial<EventEnvelope>): BaseEvent {
  return instanceOf(event.class, { ...event, ...envelope });
}

interface DeclaredEventClass<A extends Attributes> {
  new (values: ValuesOf<A> & EventEnvelope): BaseEvent & ValuesOf<A>;
  readonly type: string;
  readonly attributes: A;
  readonly upcasts: readonly Upcast[];
  /** An event for a test: `PostTitleChanged.of(postId, { title })`. It gets its number when it is stored. */
  of<E extends BaseEvent>(this: ClassOf<E>, aggregateId: string, ...values: Given<ValuesOf<A>>): E;
  /** For a spec: any event of this class with these values, `PostPublished.like({ publicationDate })`. */
  readonly like: typeof like;
}

/** The values of the declared attributes of an event: the argument of `apply`. */
export type EventValues<C> = C extends { readonly attributes: infer A extends Attributes }
  ? ValuesOf<A>
  : never;

const reservedNames: Readonly<Record<keyof BaseEvent, true>> = {
  aggregateId: true,
  sequenceNumber: true,
  createdAt: true,
  class: true,
  toJson: true,
};

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
  declared?: NoneReserved<A, keyof BaseEvent, "an event">,
): DeclaredEventClass<A> {
  const attributes: Attributes = declared ?? {};
  refuseReservedNames(attributes, "an event", reservedNames);
  class DeclaredEvent extends BaseEvent {
    static override readonly type = type;
    static readonly attributes = attributes;
    static readonly upcasts: readonly Upcast[] = [];
    static readonly like = like;

    constructor(values: EventEnvelope) {
      super(values);
      assignValues(this, attributes, values);
    }

    static of(aggregateId: string, values: object = {}): DeclaredEvent {
      return new this({ ...values, aggregateId, sequenceNumber: 0, createdAt: new Date() });
    }
  }
  return DeclaredEvent as unknown as DeclaredEventClass<A>;
}
