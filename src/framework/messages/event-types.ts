import type { JsonObject } from "../attributes/attribute.ts";
import { attributesFromJson } from "../attributes/serialization.ts";
import { messageOf, textsIn } from "../errors/describe-error.ts";
import { BaseEvent, type EventClass, type EventEnvelope } from "./event.ts";
import { instanceOf, type MessageClass, type ModuleExports, messageClassesIn } from "./message.ts";

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

/** Has the class of every event that can be stored: `new EventTypes([authorEvents, postEvents])`. */
export class EventTypes {
  readonly #classes = new Map<string, EventClass>();

  constructor(modules: readonly ModuleExports[]) {
    const classes = modules.flatMap((exports) => messageClassesIn<EventClass>(exports, BaseEvent));
    for (const eventClass of classes) {
      const { name, type } = eventClass;
      const known = this.#classes.get(type);
      if (known && known !== eventClass)
        throw new TypeError(
          `Two event classes are saved as "${type}": ${known.name} and ${name}. Give one of them another name in its events.ts.`,
        );
      this.#classes.set(type, eventClass);
    }
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

  /** Only events that can be read back may be stored. */
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
      return instanceOf(eventClass, values);
    } catch (error) {
      throw new EventNotReadable(stored, error, messageOf(error, [])); // the errors of attributes hide personal values
    }
  }
}

/** The database has an event whose class the program does not know. List the class where the `EventTypes` are made. */
export class UnknownEventType extends Error {
  readonly type: string;

  constructor(type: string) {
    super(
      `No class is known for the stored event type "${type}". Export one from its events.ts, or put it back. A renamed class must keep its stored name: Event("${type}", …).`,
    );
    this.type = type;
  }
}

/** The class of an event is not listed, so nobody could read the event again. It is not stored. */
export class EventNotListed extends TypeError {
  readonly type: string;

  constructor({ name, type }: EventClass, listed: EventClass | undefined) {
    super(
      listed
        ? `${name} is saved as "${type}", and so is ${listed.name}, which is listed in new EventTypes([…]). Rename one.`
        : `${name} is not listed, so nobody could read it again. Export it from the events.ts of a listed module, or add it to new EventTypes([…]).`,
    );
    this.type = type;
  }
}

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
