import { beforeEach, describe, expect, test, vi } from "vitest";
import { CommandNotValid, column, nullable, on, Projector, table, Workflow } from "#sequent";
import { newId, ProjectorFailed, WorkNotAwaited } from "#sequent/operations";
import { projectorSpec, workflowSpec } from "#sequent/testing";
import { AddTask, FinishTask, RenameTask, TaskAdded, TaskFinished, TaskRenamed } from "../support/tasks.ts";

const [task, other] = [newId(), newId()];

const records = table("spec_records", {
  columns: {
    id: column.uuid,
    title: column.text,
    version: column.integer,
    minutes: nullable(column.integer),
  },
  primaryKey: ["id"],
});

class RecordProjector extends Projector("RecordProjector", { version: 1, tables: [records] }) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId, title, sequenceNumber }) =>
      this.create(records, { id: aggregateId, title, version: sequenceNumber }),
    ),
    on(TaskRenamed, ({ aggregateId, title, sequenceNumber }) =>
      this.update(records, { id: aggregateId }, { title, version: sequenceNumber }),
    ),
    on(TaskFinished, ({ aggregateId }) =>
      this.create(records, { id: aggregateId, title: "twice", version: 0 }),
    ),
  ];
}

describe("a spec of a projector", () => {
  const { given, thenRows } = projectorSpec({ beforeEach, projectors: [RecordProjector] });

  test("compares the rows in any order, without empty columns", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskAdded.of(other, { title: "x" }));
    given(TaskRenamed.of(task, { title: "Read" }));
    await thenRows(
      records,
      { id: other, title: "x", version: 1 },
      { id: task, title: "Read", version: 2, minutes: null },
    );
  });

  test("begins each time with empty tables", async () => {
    await thenRows(records);
  });

  test("fails if there are other rows", async () => {
    given(TaskAdded.of(task, { title: "Write" }));
    await expect(thenRows(records)).rejects.toThrow();
    await expect(thenRows(records, { id: task, title: "Read", version: 1 })).rejects.toThrow(
      "The rows of spec_records are not as expected.",
    );
  });

  test("fails if a row has a column that the table lacks", async () => {
    given(TaskAdded.of(task, { title: "Write" }));
    const row = { id: task, title: "Write", version: 1 };
    await thenRows(records, row);
    await expect(thenRows(records, Object.assign(row, { colour: "red" }))).rejects.toThrow(
      "are not as expected",
    );
  });

  test("points at the line of the test when it fails", async () => {
    given(TaskAdded.of(task, { title: "Write" }));
    const failure: Error = await thenRows(records).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(failure.stack).toMatch(/^[^\n]+\n {4}at [^\n]*projector-and-workflow-spec\.test/);
  });

  test("fails if the projector fails", async () => {
    given(TaskAdded.of(task, { title: "Write" }), TaskFinished.of(task));
    await expect(thenRows(records)).rejects.toThrow(ProjectorFailed);
  });
});

describe("a spec of a projector that shows times", () => {
  const times = table("spec_times", { columns: { id: column.uuid, at: column.time }, primaryKey: ["id"] });
  class TimeProjector extends Projector("TimeProjector", { version: 1, tables: [times] }) {
    readonly handlers = [
      on(TaskAdded, ({ aggregateId, createdAt }) => this.create(times, { id: aggregateId, at: createdAt })),
    ];
  }
  const { at, given, thenRows } = projectorSpec({ beforeEach, projectors: [TimeProjector] });

  test("sets the time of events", async () => {
    at("2026-01-31T12:00:00Z");
    given(TaskAdded.of(task, { title: "x" }));
    at("2026-02-28T12:00:00Z");
    given(TaskAdded.of(other, { title: "y" }));
    await thenRows(
      times,
      { id: task, at: new Date("2026-01-31T12:00:00Z") },
      { id: other, at: new Date("2026-02-28T12:00:00Z") },
    );
  });
});

describe("a spec of a projector that depends on the units of its events", () => {
  class Forgetful extends Projector("Forgetful", { version: 1, tables: [records] }) {
    #seen = 0;
    readonly handlers = [
      on(TaskAdded, ({ aggregateId, title }) => {
        this.#seen += 1;
        this.create(records, { id: aggregateId, title, version: this.#seen });
      }),
    ];
  }
  const { given, thenRows } = projectorSpec({ beforeEach, projectors: [Forgetful] });

  test("fails, because units may have any number of events", async () => {
    given(TaskAdded.of(task, { title: "a" }), TaskAdded.of(other, { title: "b" }));
    const rows = [
      { id: task, title: "a", version: 1 },
      { id: other, title: "b", version: 2 },
    ];
    await expect(thenRows(records, ...rows)).rejects.toThrow();
  });
});

test("a spec of a workflow that does not await its work fails at its end", async () => {
  let release = () => {};
  const heard: unknown[] = [];
  class Hasty extends Workflow("Hasty") {
    readonly handlers = [
      on(TaskAdded, ({ aggregateId }) => {
        const waiting = new Promise<void>((resolve) => {
          release = resolve;
        });
        void waiting
          .then(() => this.executeCommands(new FinishTask({ aggregateId })))
          .catch((error) => heard.push(error));
      }),
    ];
  }
  let end = () => {};
  const { when, thenCommands } = workflowSpec({
    beforeEach: (start) => {
      end = start();
    },
    workflows: [Hasty],
  });
  await when(TaskAdded.of(task, { title: "x" }));
  release();
  await vi.waitFor(() => expect(heard).toEqual([expect.any(WorkNotAwaited)]));
  thenCommands();
  expect(end).toThrow("The handler of TaskAdded in Hasty had ended when executeCommands was called");
});

describe("a spec of a workflow", () => {
  const differs = "The values of AddTask, FinishTask are not as expected.";
  const mailed: string[] = [];
  class Welcoming extends Workflow("Welcoming") {
    readonly handlers = [
      on(TaskAdded, ({ aggregateId, title }) => {
        this.executeCommands(new AddTask({ title: `After ${title}` }), new FinishTask({ aggregateId }));
        this.afterCommit(async () => {
          mailed.push(aggregateId);
          this.executeCommands(new RenameTask({ aggregateId, title: "mailed" }));
        });
      }),
      on(TaskRenamed, ({ title }) => this.executeCommands(new AddTask({ title }))),
    ];
  }
  const { at, when, whenCommitted, thenCommands } = workflowSpec({ beforeEach, workflows: [Welcoming] });
  beforeEach(() => void mailed.splice(0));

  test("compares the commands, except for ids that nobody gave", async () => {
    await when(TaskAdded.of(task, { title: "x" }));
    thenCommands(new AddTask({ title: "After x" }), new FinishTask({ aggregateId: task }));
    expect(mailed).toEqual([]);
  });

  test("checks the tasks after the commit, once", async () => {
    await when(TaskAdded.of(task, { title: "x" }));
    await whenCommitted();
    expect(mailed).toEqual([task]);
    thenCommands(new RenameTask({ aggregateId: task, title: "mailed" }));
    await whenCommitted();
    expect(mailed).toEqual([task]);
    thenCommands();
  });

  test("fails if the commands differ, or their values, or their aggregates", async () => {
    await when(TaskAdded.of(task, { title: "x" }));
    expect(() => thenCommands()).toThrow();
    const [adding, finishing] = [new AddTask({ title: "After x" }), new FinishTask({ aggregateId: task })];
    expect(() => thenCommands(finishing, adding)).toThrow();
    expect(() => thenCommands(new AddTask({ title: "After y" }), finishing)).toThrow(differs);
    expect(() => thenCommands(adding, new FinishTask({ aggregateId: other }))).toThrow(differs);
  });

  test("can set the time", async () => {
    at("2026-11-20T09:00:00Z");
    await when(TaskAdded.of(task, { title: "x" }));
    thenCommands(AddTask.like({ createdAt: new Date("2026-11-20T09:00:00Z") }), FinishTask);
  });

  test("accepts a pattern or a class for a command if not all values matter", async () => {
    await when(TaskAdded.of(task, { title: "x" }));
    thenCommands(AddTask.like({ title: "After x" }), FinishTask);
    thenCommands(AddTask.like(), FinishTask.like({ aggregateId: task }));
    expect(() => thenCommands(AddTask.like({ title: "After y" }), FinishTask)).toThrow(differs);
    expect(() => thenCommands(AddTask, FinishTask.like({ aggregateId: other }))).toThrow(differs);
  });

  test("fails if a command is not valid", async () => {
    await expect(when(TaskRenamed.of(task, { title: "\0" }))).rejects.toThrow(CommandNotValid);
  });
});
