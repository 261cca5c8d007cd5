import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { BaseCommand } from "#sequent";
import {
  CommandService,
  type DueCommand,
  EventTypes,
  InMemoryEventStore,
  newId,
  StoreUnavailable,
  sendWhenDue,
} from "#sequent/operations";
import { until } from "../../../support/until.ts";
import {
  AddTask,
  FinishTask,
  TaskAlreadyFinished,
  TaskCommandHandler,
  taskEvents,
} from "../support/tasks.ts";

let store: InMemoryEventStore;
let commandService: CommandService;
let asked = 0;
let sent: BaseCommand[];
let errors: unknown[];

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  commandService = new CommandService({ eventStore: store, commandHandlers: [TaskCommandHandler] });
  asked = 0;
  sent = [];
  errors = [];
});

/** Sends what is asked for, until the test has finished. */
function send(source: () => readonly DueCommand[], everyMs = 5) {
  const stop = sendWhenDue({
    commandService,
    sources: [
      async () => {
        asked += 1;
        return source();
      },
    ],
    everyMs,
    onSent: (command) => sent.push(command),
    onError: (error) => errors.push(error),
  });
  onTestFinished(stop);
  return stop;
}

const add = (aggregateId = newId()) => new AddTask({ aggregateId, title: aggregateId });

describe("what is due", () => {
  test("is sent, the earliest first, and what is not due yet is not", async () => {
    const [first, second, later] = [add(), add(), add()];
    const waiting = [
      { command: first, dueInMs: -5 },
      { command: second, dueInMs: 0 },
      { command: later, dueInMs: 1 },
    ];
    send(() => waiting.splice(0, asked > 1 ? 0 : 3));
    await until(() => asked > 2);
    expect(sent).toEqual([first, second]);
    expect(store.events.map(({ aggregateId }) => aggregateId)).not.toContain(later.aggregateId);
  });

  test("is asked for at once after something was sent, and when the next one is due", async () => {
    const due = Date.now() + 50;
    send(() => (asked < 3 ? [{ command: add(), dueInMs: due - Date.now() }] : []), 60_000);
    await until(() => asked > 2);
    expect(Date.now()).toBeGreaterThanOrEqual(due);
    expect(sent).not.toEqual([]);
  });

  test("has one effect, and is told once, even if it stays in its view", async () => {
    const command = add();
    send(() => [{ command, dueInMs: 0 }]);
    await until(() => asked > 3);
    expect(store.events.filter(({ aggregateId }) => aggregateId === command.aggregateId)).toHaveLength(2);
    expect(sent).toEqual([command]);
  });
});

describe("what fails", () => {
  test("does not hold up the next, and is reported once, however often it fails", async () => {
    const task = newId();
    await commandService.executeCommands(add(task), new FinishTask({ aggregateId: task }));
    const refused = new FinishTask({ aggregateId: task });
    const fine = add();
    send(() => [
      { command: refused, dueInMs: 0 },
      { command: fine, dueInMs: 0 },
    ]);
    await until(() => asked > 3);
    expect(sent).toContain(fine);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(TaskAlreadyFinished);
  });

  test("if it is the store, waits and goes on", async () => {
    const command = add();
    send(() => {
      if (asked < 4) throw new StoreUnavailable(false);
      return asked === 4 ? [{ command, dueInMs: 0 }] : [];
    });
    await until(() => sent.length > 0);
    expect(sent).toEqual([command]);
    expect(errors).toHaveLength(1);
  });
});

test("it stops at once while it sleeps, and sends nothing more", async () => {
  const stop = send(() => [{ command: add(), dueInMs: 60_000 }], 60_000);
  await until(() => asked > 0);
  await stop();
  expect(asked).toBe(1);
  expect(sent).toEqual([]);
});
