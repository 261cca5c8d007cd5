import { AssertionError } from "node:assert";
import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateKeyNotUnique,
  AggregateNotFound,
  AggregateRoot,
  anyEvent,
  type BaseEvent,
  Command,
  CommandHandler,
  calendarDate,
  Event,
  on,
  optional,
  string,
  time,
  Workflow,
} from "#sequent";
import { EventTypes, InMemoryEventStore, newId } from "#sequent/operations";
import { domainSpec } from "#sequent/testing";
import type { Handler } from "../../../../src/framework/messages/message-handler.ts";
import {
  AddTask,
  FinishTask,
  RenameTask,
  SlugSet,
  Task,
  TaskAdded,
  TaskAlreadyFinished,
  TaskCommandHandler,
  TaskFinished,
  TaskRenamed,
  taskEvents,
} from "../support/tasks.ts";

const [task, other] = [newId(), newId()];
const modules = [{ aggregate: Task, commandHandler: TaskCommandHandler, commands: {}, events: taskEvents }];

function caught(then: () => void): AssertionError {
  try {
    then();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

describe("a spec of a domain", () => {
  const { given, when, thenEvents, thenIncludes, thenFails } = domainSpec({
    beforeEach,
    modules,
  });

  test("compares the events", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded.of(task, { title: "Write" }), SlugSet.of(task, { slug: "write" }));
  });

  test("begins with earlier events, which need no numbers", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskRenamed.of(task, { title: "Read" }));
    await when(new RenameTask({ aggregateId: task, title: "Write", seenVersion: 2 }));
    thenEvents(TaskRenamed.of(task, { title: "Write" }));
  });

  test("accepts a class for an event whose values do not matter", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded, SlugSet.of(task, { slug: "write" }));
  });

  test("accepts a pattern for an event if only some values matter", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded.like({ title: "Write" }), SlugSet.like());
    thenEvents(TaskAdded.like({ aggregateId: task, sequenceNumber: 1 }), anyEvent);
    await when(new FinishTask({ aggregateId: task }));
    thenEvents(TaskFinished.like({ minutes: undefined }));
  });

  test("fails if an event does not fit its pattern, and shows the expected values", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    const difference = (then: () => void) => {
      const { actual, expected } = caught(then);
      return [actual, expected];
    };
    expect(difference(() => thenEvents(TaskAdded.like({ title: "Read" }), SlugSet))).toEqual([
      [["TaskAdded", { title: "Write" }], ["SlugSet"]],
      [["TaskAdded", { title: "Read" }], ["SlugSet"]],
    ]);
    expect(
      difference(() => thenEvents(TaskFinished, TaskAdded.like({ title: "Write" }), SlugSet.like())),
    ).toEqual([
      [
        ["TaskAdded", { title: "Write" }],
        ["SlugSet", {}],
      ],
      [["TaskFinished"], ["TaskAdded", { title: "Write" }], ["SlugSet", {}]],
    ]);
    expect(difference(() => thenEvents(anyEvent))).toEqual([
      [["any event"], ["any event"]], //
      [["any event"]],
    ]);
  });

  test("finds these events among all events", async () => {
    const [adding, another] = [task, other].map(
      (aggregateId) => new AddTask({ aggregateId, title: `T ${aggregateId}` }),
    );
    await when(...([adding, another] as AddTask[]));
    thenIncludes();
    thenIncludes(SlugSet, TaskAdded.like({ aggregateId: other }));
    thenIncludes(TaskAdded, TaskAdded.like({ aggregateId: task }));
    thenIncludes(TaskAdded.of(other, { title: `T ${other}` }));
  });

  test("fails if one of these events did not happen, and shows similar ones", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    const { message, actual, expected } = caught(() =>
      thenIncludes(SlugSet, TaskAdded.like({ title: "Read" }), TaskFinished),
    );
    expect(message).toBe(
      [
        "Not among what happened:",
        "[ 'TaskAdded', { title: 'Read' } ]",
        "[ 'TaskFinished' ]",
        "What happened:",
        `[ 'TaskAdded', { aggregateId: '${task}', title: 'Write' } ]`,
        `[ 'SlugSet', { aggregateId: '${task}', slug: 'write' } ]`,
      ].join("\n  "),
    );
    expect(actual).toEqual([["TaskAdded", { title: "Write" }]]);
    expect(expected).toEqual([["TaskAdded", { title: "Read" }], ["TaskFinished"]]);
    expect(() => thenIncludes(TaskAdded, TaskAdded.like({ title: "Write" }))).toThrow(
      "Each of these should have happened once:",
    );
  });

  test("points at the line of the test when it fails", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    for (const then of [() => thenEvents(), () => thenIncludes(TaskFinished), () => thenFails(Error)])
      expect(caught(then).stack).toMatch(/^[^\n]+(?:\n {2}[^\n]+)*?\n {4}at [^\n]*domain-spec\.test/);
  });

  test("checks that nothing happened", async () => {
    given(TaskAdded.of(task, { title: "Write" }));
    await when(new RenameTask({ aggregateId: task, title: "Write" }));
    thenEvents();
  });

  test("checks why a command was refused", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskFinished.of(task));
    await when(new FinishTask({ aggregateId: task }));
    thenFails(TaskAlreadyFinished, { aggregateId: task });
  });

  test("begins each time with an empty store", async () => {
    await when(new FinishTask({ aggregateId: task }));
    thenFails(AggregateNotFound);
  });

  test("knows the unique keys of the given events", async () => {
    given(TaskAdded.of(task, { title: "Write" }), SlugSet.of(task, { slug: "write" }));
    await when(new AddTask({ aggregateId: other, title: "Write" }));
    thenFails(AggregateKeyNotUnique, { scope: "task_slug", key: "write" });
  });

  test("can have several whens, each with its own then", async () => {
    await when(
      new AddTask({ aggregateId: task, title: "Write" }),
      new AddTask({ aggregateId: other, title: "x" }),
    );
    thenEvents(TaskAdded, SlugSet, TaskAdded.of(other, { title: "x" }), SlugSet);
    await when(new FinishTask({ aggregateId: task, minutes: 1 }));
    thenEvents(TaskFinished.of(task, { minutes: 1 }));
    expect(() => given(TaskRenamed.of(task, { title: "x" }))).toThrow("given() comes before when().");
  });

  test("fails if the events differ, or their values, or their aggregates", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    expect(() => thenEvents()).toThrow("Expected nothing, but got TaskAdded, SlugSet.");
    expect(() => thenEvents(TaskAdded)).toThrow();
    expect(() => thenEvents(SlugSet, TaskAdded)).toThrow(
      "Expected SlugSet, TaskAdded, but got TaskAdded, SlugSet.",
    );
    const differs = "The values of TaskAdded, SlugSet are not as expected.";
    expect(() => thenEvents(TaskAdded.of(task, { title: "Read" }), SlugSet)).toThrow(differs);
    expect(() => thenEvents(TaskAdded.of(other, { title: "Write" }), SlugSet)).toThrow(differs);
    expect(() => thenFails(Error)).toThrow("Expected Error, but it succeeded with TaskAdded, SlugSet.");
  });

  test("fails with the error itself if another one was expected, or none", async () => {
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenFails(TaskAlreadyFinished)).toThrow(AggregateNotFound);
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenEvents()).toThrow(AggregateNotFound);
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenFails(AggregateNotFound, { aggregateId: other })).toThrow(
      "AggregateNotFound has other values.",
    );
  });

  test("fails if no thenFails expects an error", async () => {
    await when(new FinishTask({ aggregateId: task }));
    await expect(when(new FinishTask({ aggregateId: task }))).rejects.toThrow(AggregateNotFound);
  });

  test("fails without a when, and if a given event belongs to no aggregate of the spec", async () => {
    expect(() => thenEvents()).toThrow("First: await when(...)");
    class Stranger extends TaskAdded {}
    given(Stranger.of(task, { title: "x" }));
    await expect(when()).rejects.toThrow("No aggregate of these modules has the event");
  });
});

describe("the time in a spec", () => {
  const { at, given, when, thenEvents } = domainSpec({ beforeEach, modules });
  const [november, december] = [new Date("2026-11-20T09:00:00Z"), new Date("2026-12-01")];

  test("is the time that the spec sets, for given and for new events", async () => {
    let store = new InMemoryEventStore(new EventTypes([]));
    const spec = domainSpec({
      beforeEach: (start) => start(),
      modules,
      makeStore: (eventTypes) => {
        store = new InMemoryEventStore(eventTypes);
        return store;
      },
    });
    spec.at("2026-11-20T09:00:00Z");
    spec.given(TaskAdded.of(task, { title: "Write" }));
    spec.at(december);
    await spec.when(new FinishTask({ aggregateId: task }));
    spec.thenEvents(TaskFinished.like({ createdAt: december }));
    const times = store.events.map((event) => event.createdAt);
    expect(times).toEqual([november, december]);
  });

  test("is the time of the machine by default, even after a test that set it", async () => {
    const before = Date.now();
    given(TaskAdded.of(task, { title: "Write" }));
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenEvents(TaskFinished.like({ createdAt: december }))).toThrow();
    at(december);
    await when(new RenameTask({ aggregateId: task, title: "Read" }));
    thenEvents(TaskRenamed.like({ createdAt: december }));
    expect(Date.now() - before).toBeLessThan(60_000);
  });

  test("must be a valid time", () => {
    expect(() => at("the 20th of November")).toThrow('"the 20th of November" is not a time.');
  });
});

describe("an aggregate that differs after loading", () => {
  class AddThing extends Command("AddThing") {}
  class ThingAdded extends Event("ThingAdded", { at: time() }) {}
  class Thing extends AggregateRoot("Thing", { value: optional(string()), at: optional(time()) }) {
    count = 0;
    change = () => ({});
    add() {
      this.apply(ThingAdded, { at: new Date() });
    }
    readonly handlers: readonly Handler<object, "value" | "at">[] = [
      on(ThingAdded, ({ at }) => ({ at: new Date(at) })),
      on(ThingAdded, () => this.change()),
    ];
  }

  async function whenAdded(thingClass: typeof Thing, ...given: BaseEvent[]): Promise<void> {
    class ThingCommandHandler extends CommandHandler {
      readonly handlers = [
        on(AddThing, async ({ aggregateId }) => {
          const known = await this.repository.findAggregate(thingClass, aggregateId);
          const thing = known ?? new thingClass(aggregateId);
          if (!known) this.repository.addAggregate(thing);
          thing.add();
        }),
      ];
    }
    const spec = domainSpec({
      beforeEach: () => {},
      modules: [
        {
          ...{ aggregate: thingClass, commandHandler: ThingCommandHandler },
          commands: {},
          events: { ThingAdded },
        },
      ],
    });
    spec.given(...given);
    await spec.when(new AddThing({ aggregateId: task }));
  }

  const returning = (value: () => string) =>
    class extends Thing {
      override change = () => ({ value: value() });
    };

  test.each([
    ["the day", () => calendarDate()],
    ["the hour", () => `${new Date().getHours()}`],
    ["the time as a text", () => Date().slice(0, 21)],
    ["the time as a number", () => `${Math.floor(Date.now() / 86_400_000)}`],
    ["what is random", () => newId()],
  ])("is found if a handler returns %s", async (_what, value) => {
    const message = `${task} has another "value" after loading than after deciding. A handler must return the same each time. If a value depends on the time or on chance, choose it in the method, and put it into the event.`;
    await expect(whenAdded(returning(value))).rejects.toThrow(message);
    await expect(whenAdded(returning(value), ThingAdded.of(task, { at: new Date() }))).rejects.toThrow(
      message,
    );
  });

  class Counting extends Thing {
    override add() {
      super.add();
      this.count += 1;
    }
  }
  class Hiding extends Thing {
    #count = 0;
    override add() {
      super.add();
      this.#count += 1;
    }
  }
  class Collecting extends Thing {
    readonly #events: string[] = [];
    override add() {
      super.add();
      this.#events.push("added");
    }
  }

  class Assigning extends Thing {
    #last: Date | undefined;
    override change = () => {
      this.#last = this.state.at;
      return this.#last ? {} : { value: "" };
    };
  }

  test.each([
    [Counting, "count"],
    [Hiding, "#count"],
    [Collecting, "#events"],
    [Assigning, "#last"],
  ])("is found if a method or a handler assigns a field outside the state: %o", async (thingClass, field) => {
    await expect(whenAdded(thingClass)).rejects.toThrow(
      `${thingClass.name} ${task} has another "${field}" after loading than after deciding. Only the state is kept: declare the value in AggregateRoot("Thing", { … }), and let a handler return it.`,
    );
  });

  test("does not differ if the method takes the time, and the event contains it", async () => {
    const before = Date;
    await whenAdded(Thing, ThingAdded.of(task, { at: new Date() }));
    expect(Date).toBe(before);
  });
});

describe("a spec with its own store, and workflows", () => {
  class Finishing extends Workflow("Finishing") {
    readonly handlers = [
      on(TaskAdded, ({ aggregateId }) => {
        this.executeCommands(new FinishTask({ aggregateId }));
        this.afterCommit(() => this.executeCommands(new RenameTask({ aggregateId, title: "done" })));
      }),
    ];
  }
  let stores = 0;
  const { when, thenEvents } = domainSpec({
    beforeEach,
    modules,
    workflows: [Finishing],
    makeStore: (eventTypes) => {
      stores += 1;
      return new InMemoryEventStore(eventTypes);
    },
  });

  test("runs on that store, and sees all effects", async () => {
    expect(stores).toBeGreaterThan(0);
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded, SlugSet, TaskFinished, TaskRenamed);
  });
});

test("an unexpected error fails the test at its end", async () => {
  let end: (() => void) | undefined;
  const { when } = domainSpec({
    beforeEach: (start) => {
      end = start();
    },
    modules,
  });
  await when(new FinishTask({ aggregateId: task }));
  expect(end).toThrow(AggregateNotFound);
});
