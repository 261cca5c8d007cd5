import { beforeEach, expect, test } from "vitest";
import { CommandNotValid, on, Subscription } from "#sequent";
import { newId } from "#sequent/operations";
import { subscriptionSpec } from "#sequent/testing";
import { AddTask, RenameTask, TaskAdded, TaskFinished, TaskRenamed } from "../support/tasks.ts";

const task = newId();

interface Postcards {
  send(postcard: { readonly to: string; readonly text: string; readonly id: string }): Promise<void>;
}

class News extends Subscription("News", { from: "now" }) {
  readonly #postcards: Postcards;
  #added = 0;

  constructor(postcards: Postcards) {
    super();
    this.#postcards = postcards;
  }

  readonly handlers = [
    on(TaskAdded, async ({ title }, { id }) => {
      this.#added += 1;
      await this.#postcards.send({ to: `number ${this.#added}`, text: title, id });
    }),
    on(TaskRenamed, (_, { createdAt, executeCommands }) =>
      executeCommands(new AddTask({ title: createdAt.toISOString() }), new AddTask({ title: "x" })),
    ),
    on(TaskFinished, (_, { executeCommands }) =>
      executeCommands(new RenameTask({ aggregateId: "no id", title: "Read" })),
    ),
  ];
}

const { at, given, when, thenSent, thenCommands } = subscriptionSpec({
  beforeEach,
  subscription: (send) => new News({ send: async (postcard) => send(postcard) }),
});

test("what is sent is compared by the values that are named", async () => {
  await when(TaskAdded.of(task, { title: "Write" }));
  thenSent({ text: "Write", id: `${task}:1` });
  thenSent({ to: "number 1" });
  expect(() => thenSent({ text: "Read" })).toThrow();
  expect(() => thenSent()).toThrow("0 sent was expected, and 1 was sent.");
  expect(() => thenSent({}, {})).toThrow("2 sent was expected, and 1 was sent.");
});

test("what was sent before does not count, and each test begins anew", async () => {
  await given(TaskAdded.of(task, { title: "Write" }));
  thenSent();
  await when(TaskAdded.of(task, { title: "Read" }));
  thenSent({ to: "number 2", text: "Read" });
});

test("commands are compared, and must be valid", async () => {
  at("2026-11-20T09:00:00Z");
  await when(TaskRenamed.of(task, { title: "Read" }));
  thenCommands(new AddTask({ title: "2026-11-20T09:00:00.000Z" }), AddTask);
  thenSent();
  await expect(when(TaskFinished.of(task))).rejects.toThrow(CommandNotValid);
});

test("a spec has no database", async () => {
  class Rows extends Subscription("Rows", { from: "now", concurrency: 1 }) {
    readonly handlers = [on(TaskAdded, (_, { inTransaction }) => inTransaction(async () => {}))];
  }
  const spec = subscriptionSpec({ beforeEach: () => {}, subscription: () => new Rows() });
  await expect(spec.when(TaskAdded.of(task, { title: "Write" }))).rejects.toThrow("no database");
});
