import { expect, test } from "vitest";
import { on, Workflow } from "#sequent";
import {
  CommandService,
  EventTypes,
  InMemoryEventStore,
  newId,
  requireUser,
  UserRequired,
} from "#sequent/operations";
import { AddTask, FinishTask, TaskAdded, TaskCommandHandler, taskEvents } from "../support/tasks.ts";

const store = new InMemoryEventStore(new EventTypes([taskEvents]));
const task = newId();

class FinishingWorkflow extends Workflow("FinishingWorkflow") {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId }) => this.executeCommands(new FinishTask({ aggregateId }))),
  ];
}

const service = new CommandService({
  eventStore: store,
  commandHandlers: [TaskCommandHandler],
  workflows: [FinishingWorkflow],
  filters: [requireUser({ except: [AddTask] })],
});

test("a command without a user is refused, and its error names it", async () => {
  for (const userId of [undefined, ""]) {
    const executing = service.executeCommands(new FinishTask({ aggregateId: task, userId }));
    await expect(executing).rejects.toThrow(UserRequired);
    await expect(executing).rejects.toMatchObject({ commandType: "FinishTask" });
  }
  expect(store.events).toEqual([]);
});

test("an exception needs none, and a workflow is a user", async () => {
  await service.executeCommands(new AddTask({ aggregateId: task, title: "x" }));
  expect(store.events.map(({ class: { type } }) => type)).toEqual(["TaskAdded", "SlugSet", "TaskFinished"]);
});
