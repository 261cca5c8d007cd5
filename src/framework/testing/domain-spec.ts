import assert, { AssertionError } from "node:assert";
import type { BaseAggregate } from "../aggregates/aggregate-root.ts";
import { CommandService, type CommandServiceOptions } from "../commands/command-service.ts";
import { type DomainModule, domainOf } from "../commands/domain-module.ts";
import { storeFacts } from "../maintenance/store-facts.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { userOfProgram } from "../messages/user.ts";
import type { EventStore } from "../store/event-store.ts";
import { InMemoryEventStore } from "../store/memory/in-memory-event-store.ts";
import { type Expected, expectAmong, expectEqual, expectMessages, pointingAtTest } from "./expected.ts";
import { expectSameWhenLoaded } from "./loaded-again.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";
import { witnesses } from "./witnesses.ts";

interface DomainSpecOptions extends Partial<Omit<CommandServiceOptions, "eventStore" | "commandHandlers">> {
  readonly beforeEach: BeforeEach;
  readonly modules: readonly DomainModule[];
  /** The store of the specs. By default, it is in memory. */
  readonly makeStore?: (eventTypes: EventTypes) => EventStore;
}

export interface DomainSpec {
  /** Sets the time for everything after it: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  /** These events happened before. They need no numbers and no times: `PostAdded.of(post)`. */
  given(...events: readonly BaseEvent[]): void;
  /**
   * Runs the commands. A command without a user gets one that may do everything: a program. Then it loads each aggregate again, and fails
   * if it differs from the one that decided.
   */
  when(...commands: readonly BaseCommand[]): Promise<void>;
  /**
   * Exactly these events happened, in order. If only some values matter, use a pattern: `PostPublished.like({ publicationDate })`. If
   * none do, use the class. `thenEvents()` means no events.
   */
  thenEvents(...expected: readonly Expected<BaseEvent>[]): void;
  /** These events happened, in any order, perhaps among others. */
  thenIncludes(...expected: readonly Expected<BaseEvent>[]): void;
  /** The command failed with an error of this class, with these fields. */
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
    thenEvents: pointingAtTest((...expected) => run.thenEvents(expected)),
    thenIncludes: pointingAtTest((...expected) => run.thenIncludes(expected)),
    thenFails: pointingAtTest((errorClass, fields) => run.thenFails(errorClass, fields)),
  };
}

class DomainRun {
  readonly #modules: readonly DomainModule[];
  readonly #store: EventStore;
  readonly #commandService: CommandService;
  readonly #time: SpecTime;
  #given: BaseEvent[] = [];
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
    if (!this.#events) await storeFacts({ eventStore: this.#store, modules: this.#modules }, this.#given);
    this.#events = [];
    this.#decided = [];
    for (const command of commands) command.inheritUser(userOfProgram("spec"));
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
      expectEqual(Object.fromEntries(found), fields, `${errorClass.name} has other values.`);
      return;
    }
    if (error) throw error;
    const types = happened.map((event) => event.class.type).join(", ");
    throw new AssertionError({
      message: `Expected ${errorClass.name}, but it succeeded with ${types || "no events"}.`,
    });
  }

  /** Fails the test if a command failed and the test did not expect it. */
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
    assert(this.#events, "There is no command yet. First: await when(...).");
    return this.#events;
  }
}
