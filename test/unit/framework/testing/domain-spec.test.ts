import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateKeyNotUnique,
  AggregateNotFound,
  InMemoryEventStore,
  newId,
  on,
  Workflow,
} from "../../../../src/framework/index.ts";
import { domainSpec } from "../../../../src/framework/testing/index.ts";
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
const aggregates = [[Task, taskEvents]] as const;
const commandHandlers = [TaskCommandHandler];

describe("a spec of a domain", () => {
  const { given, when, thenEvents, thenFails } = domainSpec({ beforeEach, commandHandlers, aggregates });

  test("says what happened", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded.of(task, { title: "Write" }), SlugSet.of(task, { slug: "write" }));
  });

  test("begins with what happened before, whose numbers need not be given", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskRenamed.of(task, { title: "Read" }));
    await when(new RenameTask({ aggregateId: task, title: "Write", expectedVersion: 2 }));
    thenEvents(TaskRenamed.of(task, { title: "Write" }));
  });

  test("takes a class for an event where the values are of no interest", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded, SlugSet.of(task, { slug: "write" }));
  });

  test("says that nothing happened", async () => {
    given(TaskAdded.of(task, { title: "Write" }));
    await when(new RenameTask({ aggregateId: task, title: "Write" }));
    thenEvents();
  });

  test("says why it was refused", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskFinished.of(task));
    await when(new FinishTask({ aggregateId: task }));
    thenFails(TaskAlreadyFinished, { aggregateId: task });
  });

  test("begins each time with an empty store", async () => {
    await when(new FinishTask({ aggregateId: task }));
    thenFails(AggregateNotFound);
  });

  test("knows the unique keys of what was given", async () => {
    given(TaskAdded.of(task, { title: "Write" }), SlugSet.of(task, { slug: "write" }));
    await when(new AddTask({ aggregateId: other, title: "Write" }));
    thenFails(AggregateKeyNotUnique, { scope: "task_slug", key: "write" });
  });

  test("can go on: each when has its own then", async () => {
    await when(
      new AddTask({ aggregateId: task, title: "Write" }),
      new AddTask({ aggregateId: other, title: "x" }),
    );
    thenEvents(TaskAdded, SlugSet, TaskAdded.of(other, { title: "x" }), SlugSet);
    await when(new FinishTask({ aggregateId: task, minutes: 1 }));
    thenEvents(TaskFinished.of(task, { minutes: 1 }));
    expect(() => given(TaskRenamed.of(task, { title: "x" }))).toThrow("given() comes before when().");
  });

  test("fails where other events happened, or other values, or of another aggregate", async () => {
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    expect(() => thenEvents()).toThrow();
    expect(() => thenEvents(TaskAdded)).toThrow();
    expect(() => thenEvents(SlugSet, TaskAdded)).toThrow();
    expect(() => thenEvents(TaskAdded.of(task, { title: "Read" }), SlugSet)).toThrow("Read");
    expect(() => thenEvents(TaskAdded.of(other, { title: "Write" }), SlugSet)).toThrow(other);
    expect(() => thenFails(Error)).toThrow("Expected Error, but it succeeded with TaskAdded, SlugSet.");
  });

  test("fails with the error itself where another was expected, or none", async () => {
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenFails(TaskAlreadyFinished)).toThrow(AggregateNotFound);
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenEvents()).toThrow(AggregateNotFound);
    await when(new FinishTask({ aggregateId: task }));
    expect(() => thenFails(AggregateNotFound, { aggregateId: other })).toThrow(other);
  });

  test("fails where nobody asks about an error", async () => {
    await when(new FinishTask({ aggregateId: task }));
    await expect(when(new FinishTask({ aggregateId: task }))).rejects.toThrow(AggregateNotFound);
  });

  test("fails without a when, and where what is given belongs to no aggregate of the spec", async () => {
    expect(() => thenEvents()).toThrow("await when(...) comes first");
    class Stranger extends TaskAdded {}
    given(Stranger.of(task, { title: "x" }));
    await expect(when()).rejects.toThrow("is no event of the aggregates of this spec");
  });
});

describe("a spec with its own store, and workflows", () => {
  class Finishing extends Workflow {
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
    commandHandlers,
    aggregates,
    workflows: [Finishing],
    makeStore: (eventTypes) => {
      stores += 1;
      return new InMemoryEventStore(eventTypes);
    },
  });

  test("runs there, and sees all that follows", async () => {
    expect(stores).toBeGreaterThan(0);
    await when(new AddTask({ aggregateId: task, title: "Write" }));
    thenEvents(TaskAdded, SlugSet, TaskFinished, TaskRenamed);
  });
});

test("an error that nobody asked about fails the test when it ends", async () => {
  let end: (() => void) | undefined;
  const { when } = domainSpec({
    beforeEach: (start) => {
      end = start();
    },
    commandHandlers,
    aggregates,
  });
  await when(new FinishTask({ aggregateId: task }));
  expect(end).toThrow(AggregateNotFound);
});
