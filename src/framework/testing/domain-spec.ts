import assert, { AssertionError } from "node:assert";
import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import { CommandService, type CommandServiceOptions } from "../commands/command-service.ts";
import { type DomainModule, domainOf } from "../commands/domain-module.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import { CreationCommand } from "../messages/command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import type { EventStore } from "../store/event-store.ts";
import { InMemoryEventStore } from "../store/memory/in-memory-event-store.ts";
import { type Expected, expectAmong, expectMessages } from "./expected.ts";
import { expectSameWhenLoaded } from "./loaded-again.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";
import { witnesses } from "./witnesses.ts";

export interface DomainSpecOptions
  extends Partial<Omit<CommandServiceOptions, "eventStore" | "commandHandlers">> {
  readonly beforeEach: BeforeEach;
  readonly modules: readonly DomainModule[];
  /** Where the specs run; in memory if nothing is said. */
  readonly makeStore?: (eventTypes: EventTypes) => EventStore;
}

export interface DomainSpec {
  /** What time it is from here on, for what was given and for what happens: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  /** What happened before. Numbers and times need not be given: `PostAdded.of(post)`. */
  given(...events: readonly BaseEvent[]): void;
  /** Also loads each aggregate anew, and fails where it is another one than the one that decided. */
  when(...commands: readonly BaseCommand[]): Promise<void>;
  /**
   * All that happened, in order. Where only some values matter, a pattern: `PostPublished.like({ publicationDate })`. Where
   * none do, the class. Nothing happened: `thenEvents()`.
   */
  thenEvents(...expected: readonly Expected<BaseEvent>[]): void;
  /** These are among what happened, each one once, in any order. */
  thenIncludes(...expected: readonly Expected<BaseEvent>[]): void;
  /** The error, by its class and by those of its fields that matter. */
  thenFails<E extends Error>(errorClass: abstract new (...args: never[]) => E, fields?: Partial<E>): void;
}

/**
 * The words for the specs of a domain:
 *
 *     const { given, when, thenFails } = domainSpec({ beforeEach, modules: [post] });
 *
 *     test("a post is published only once", async () => {
 *       given(PostAdded.of(post), PostPublished.of(post, { publicationDate }));
 *       await when(new PublishPost({ aggregateId: post, publicationDate }));
 *       thenFails(PostAlreadyPublished);
 *     });
 */
export function domainSpec({ beforeEach, ...options }: DomainSpecOptions): DomainSpec {
  let run = new DomainRun(options);
  beforeEach(() => {
    run = new DomainRun(options);
    return () => run.end();
  });
  return {
    at: (time) => run.at(time),
    given: (...events) => run.given(events),
    when: (...commands) => run.when(commands),
    thenEvents: (...expected) => run.thenEvents(expected),
    thenIncludes: (...expected) => run.thenIncludes(expected),
    thenFails: (errorClass, fields) => run.thenFails(errorClass, fields),
  };
}

class GivenEvents extends CreationCommand("GivenEvents") {}

/** One test. */
class DomainRun {
  readonly #modules: readonly DomainModule[];
  readonly #store: EventStore;
  readonly #commandService: CommandService;
  readonly #time: SpecTime;
  #given: BaseEvent[] = [];
  /** The aggregates that decided on the events. */
  #decided: BaseAggregate[] = [];
  #events: BaseEvent[] | undefined;
  #error: unknown;

  constructor({ modules, ...options }: Omit<DomainSpecOptions, "beforeEach">) {
    const { makeStore = (eventTypes) => new InMemoryEventStore(eventTypes), workflows = [] } = options;
    const { commandHandlers, eventTypes } = domainOf(modules);
    this.#modules = modules;
    this.#store = makeStore(eventTypes);
    this.#time = new SpecTime(options.clock);
    const witness = witnesses((events, used) => {
      this.#events?.push(...events);
      this.#decided.push(...used);
    });
    this.#commandService = new CommandService({
      ...options,
      clock: this.#time.now,
      eventStore: this.#store,
      commandHandlers: [...commandHandlers, witness.commandHandler],
      workflows: [witness.workflow, ...workflows],
    });
  }

  at(time: Date | string): void {
    this.#time.set(time);
  }

  given(events: readonly BaseEvent[]): void {
    assert(!this.#events, "given() comes before when().");
    this.#given.push(...this.#time.happened(events));
  }

  async when(commands: readonly BaseCommand[]): Promise<void> {
    this.end();
    if (!this.#events) await this.#storeGiven();
    this.#events = [];
    this.#decided = [];
    try {
      await this.#commandService.executeCommands(...commands);
    } catch (error) {
      this.#error = error;
    }
    for (const each of this.#decided) await expectSameWhenLoaded(this.#store, each);
  }

  thenEvents(expected: readonly Expected<BaseEvent>[]): void {
    this.end();
    expectMessages(this.#happened(), expected);
  }

  thenIncludes(expected: readonly Expected<BaseEvent>[]): void {
    this.end();
    expectAmong(this.#happened(), expected);
  }

  thenFails<E extends Error>(
    errorClass: abstract new (...args: never[]) => E,
    fields: Partial<E> = {},
  ): void {
    const happened = this.#happened();
    const error = this.#takeError();
    if (error instanceof errorClass) {
      const found = Object.keys(fields).map((name) => [name, Reflect.get(error, name)]);
      assert.deepStrictEqual(Object.fromEntries(found), fields);
      return;
    }
    if (error) throw error;
    const types = happened.map((event) => event.class.type).join(", ");
    const message = `Expected ${errorClass.name}, but it succeeded with ${types || "no events"}.`;
    throw new AssertionError({ message, actual: types, expected: errorClass.name });
  }

  /** An error that nobody asked about is not lost. */
  end(): void {
    const error = this.#takeError();
    if (error) throw error;
  }

  #takeError(): unknown {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  #happened(): readonly BaseEvent[] {
    assert(this.#events, "Nothing was done yet: await when(...) comes first.");
    return this.#events;
  }

  /** As if commands had led to them: with their unique keys, so that a key given is a key taken. */
  async #storeGiven(): Promise<void> {
    if (this.#given.length === 0) return;
    const events = this.#given;
    const repository = new AggregateRepository(this.#store);
    for (const aggregateId of new Set(events.map((event) => event.aggregateId))) {
      const history = events.filter((event) => event.aggregateId === aggregateId);
      const aggregateClass = this.#aggregateOf(history);
      repository.addAggregate(new aggregateClass(aggregateId).loadFromHistory(history));
    }
    const command = new GivenEvents({});
    const commands = [{ command, cause: undefined, events }];
    await this.#store.store(async () => ({ commands, ...repository.changes(), rowChanges: [] }));
  }

  #aggregateOf([event]: readonly BaseEvent[]): AggregateClass {
    const found = this.#modules.find(({ events }) => Object.values(events).includes(event?.class));
    if (!found) throw new TypeError(`${event?.class.type} is no event of the aggregates of this spec.`);
    return found.aggregate;
  }
}
