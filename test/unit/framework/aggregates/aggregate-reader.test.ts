import { beforeEach, expect, test } from "vitest";
import {
  AggregateReader,
  AggregateRepository,
  EventTypes,
  InMemoryEventStore,
  newId,
} from "#sequent/operations";
import { AddTask, Task, taskEvents } from "../support/tasks.ts";

const [write, other] = [newId(), newId()];
let past: AggregateReader;

beforeEach(async () => {
  const store = new InMemoryEventStore(new EventTypes([taskEvents]));
  const unit = new AggregateRepository(store);
  const task = Task.add({ aggregateId: write, title: "Write" });
  task.rename("Read");
  unit.addAggregate(task);
  const command = new AddTask({ title: "Write" });
  const commands = [{ command, cause: undefined, events: unit.takeUncommittedEvents() }];
  await store.store(async () => ({ commands, ...unit.changes(), rowChanges: [] }));
  past = new AggregateReader(store, [Task]);
});

test("returns the state of an aggregate after a number of events or at a time", async () => {
  expect(await past.stateAsOf("Task", write, 2)).toMatchObject({ title: "Write" });
  expect(await past.stateAsOf("Task", write, 3)).toMatchObject({ title: "Read" });
  expect(await past.stateAsOf("Task", write, new Date())).toMatchObject({ title: "Read" });
});

test("returns nothing if there was no such aggregate, or not so many events", async () => {
  expect(await past.stateAsOf("Task", write, 4)).toBeUndefined();
  expect(await past.stateAsOf("Task", write, new Date(0))).toBeUndefined();
  expect(await past.stateAsOf("Task", other, 1)).toBeUndefined();
});

test("refuses a type without a class", async () => {
  await expect(past.stateAsOf("Tasks", write, 1)).rejects.toThrow(/"Tasks".*List its module/);
});
