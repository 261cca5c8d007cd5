import { isDeepStrictEqual } from "node:util";
import type { AttributesOf, BaseEvent, EventClass, EventConstructor, Given } from "./event.ts";
import type { HandlerGate } from "./handler-gate.ts";
import { type Handler, handlersOf } from "./message-handler.ts";
import type { BaseSnapshot, Beginning, SnapshotClass } from "./snapshot.ts";

/** What must be unique: a key by its scope, or several. `{ author_email: "ben@example.com" }` */
export type UniqueKeys = Readonly<Record<string, string | readonly string[]>>;

export interface AggregateClass<A extends AggregateRoot = AggregateRoot> {
  new (id: string): A;
  readonly type: string;
  readonly snapshot: SnapshotClass | undefined;
}

/**
 * Decides what happens and remembers what did. Methods check and `apply`; handlers only assign, for they
 * run again, without the decision, each time the aggregate is loaded.
 *
 *     publish(publicationDate: CalendarDate) {
 *       if (this.#publicationDate) throw new PostAlreadyPublished(this.id, this.#publicationDate);
 *       this.apply(PostPublished, { publicationDate });
 *     }
 *     readonly handlers = [on(PostPublished, (event) => { this.#publicationDate = event.publicationDate; })];
 */
export abstract class AggregateRoot {
  /** The name under which its streams are saved; it never changes. */
  static readonly type: string;
  /** Said by a class whose history can be long, together with `takeSnapshot`: see `Snapshot`. */
  static readonly snapshot: SnapshotClass | undefined = undefined;

  readonly id: string;
  abstract readonly handlers: readonly Handler[];
  #version = 0;
  #handling = false;
  #uncommitted: BaseEvent[] = [];
  #gate: HandlerGate | undefined;

  /** Loading starts here too, so a constructor applies nothing; what makes a new one is a static method. */
  constructor(id: string) {
    this.id = id;
  }

  /** How many events it has had: the sequence number of the last one. */
  get version(): number {
    return this.#version;
  }

  get uncommittedEvents(): readonly BaseEvent[] {
    return this.#uncommitted;
  }

  /** What no other aggregate may have too, of whatever type. The store sees to it. */
  get uniqueKeys(): UniqueKeys {
    return {};
  }

  /** What it knows now: all that its handlers assigned. */
  takeSnapshot(): BaseSnapshot | undefined {
    return undefined;
  }

  loadFromHistory(events: Iterable<BaseEvent>, beginning?: Beginning): this {
    if (beginning) this.#handle(beginning.snapshot, beginning.version);
    for (const event of events) this.#handle(event, event.sequenceNumber);
    return this;
  }

  /** From here on, nothing happens to it while the gate is closed. */
  standBehind(gate: HandlerGate): void {
    this.#gate = gate;
  }

  takeUncommittedEvents(): BaseEvent[] {
    const events = this.#uncommitted;
    this.#uncommitted = [];
    return events;
  }

  /** States that something happened: makes the event, remembers it for the store, and assigns what follows. */
  protected apply<C extends EventClass>(eventClass: C, ...[values]: Given<AttributesOf<C>>): void {
    if (this.#handling) throw new HandlerDecided(this, eventClass.type);
    this.#gate?.check(eventClass.type, "was applied");
    const envelope = { aggregateId: this.id, sequenceNumber: this.#version + 1, createdAt: new Date() };
    // A spread would take ten times as long.
    const event = new (eventClass as unknown as EventConstructor)(Object.assign({}, values, envelope));
    this.#handle(event, event.sequenceNumber);
    this.#uncommitted.push(event);
  }

  /** Applies the event only where its values differ from those that the aggregate has. */
  protected applyIfChanged<C extends EventClass>(
    eventClass: C,
    values: AttributesOf<C>,
    current: { readonly [Name in keyof AttributesOf<C>]?: AttributesOf<C>[Name] | undefined },
  ): void {
    const names = Object.keys(eventClass.attributes) as (keyof AttributesOf<C>)[];
    if (names.every((name) => isDeepStrictEqual(values[name], current[name]))) return;
    this.apply(eventClass, ...([values] as unknown as Given<AttributesOf<C>>));
  }

  #handle(message: BaseEvent | BaseSnapshot, version: number): void {
    this.#handling = true;
    try {
      for (const handler of handlersOf(this.handlers, message))
        this.#refusePromise(handler.handle(message), message);
    } finally {
      this.#handling = false;
    }
    this.#version = version;
  }

  /** Nobody waits for a handler: what an async one assigns would come after the next decision. */
  #refusePromise(returned: unknown, message: object): void {
    if (!(returned instanceof Promise)) return;
    returned.catch(() => {}); // what it throws later is of no interest beside this
    throw new TypeError(
      `The handler of ${this.constructor.name} for ${message.constructor.name} is async. Handlers only assign.`,
    );
  }
}

/** A handler of an aggregate applied an event. Loading would apply it again: decide in the method instead. */
export class HandlerDecided extends Error {
  readonly aggregateId: string;
  readonly eventType: string;

  constructor(aggregate: AggregateRoot, eventType: string) {
    super(
      `A handler of ${aggregate.constructor.name} applied ${eventType}. Handlers only assign; decide in the method.`,
    );
    this.aggregateId = aggregate.id;
    this.eventType = eventType;
  }
}
