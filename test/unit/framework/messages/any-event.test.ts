import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  AggregateRoot,
  anyEvent,
  type BaseEvent,
  column,
  type DomainModule,
  Event,
  increment,
  on,
  Projector,
  table,
  time,
  Workflow,
} from "#sequent";
import {
  CommandService,
  checkWiring,
  EventTypes,
  eventsNobodyTakes,
  type Json,
  newId,
  PostgresEventStore,
  Replay,
  UnknownEventType,
  verifyViews,
} from "#sequent/operations";
import { projectorSpec, workflowSpec } from "#sequent/testing";
import { migrate } from "../../../../src/database/migrate.ts";
import { useShop } from "../../../support/shop.ts";
import * as tasks from "../support/tasks.ts";
import {
  AddTask,
  FinishTask,
  RenameTask,
  SlugSet,
  TaskAdded,
  TaskCommandHandler,
  TaskFinished,
  TaskRenamed,
  taskEvents,
} from "../support/tasks.ts";

const entries = table("any_event_entries", {
  columns: { id: column.uuid, number: column.integer, type: column.text, payload: column.text },
  primaryKey: ["id", "number"],
});
const counts = table("any_event_counts", {
  columns: { type: column.text, total: column.integer },
  primaryKey: ["type"],
});

/** Its rows depend on one aggregate only. */
class AuditProjector extends Projector("AuditProjector", {
  version: 1,
  tables: [entries],
  partitioned: true,
}) {
  readonly handlers = [
    on(anyEvent, (event) => {
      const { aggregateId: id, sequenceNumber: number, class: eventClass } = event;
      this.create(entries, { id, number, type: eventClass.type, payload: JSON.stringify(event.toJson()) });
    }),
  ];
}

/** Its rows are made of the events of all aggregates. */
class CountingProjector extends Projector("CountingProjector", { version: 1, tables: [counts] }) {
  readonly handlers = [
    on(anyEvent, async ({ class: { type } }) => {
      if (!(await this.find(counts, { type }))) this.create(counts, { type, total: 0 });
      this.update(counts, { type }, { total: increment(1) });
    }),
  ];
}

const [task, other] = [newId(), newId()];

test("any event has only what all events have", () => {
  on(anyEvent, (event) => {
    expectTypeOf(event).toEqualTypeOf<BaseEvent>();
    expectTypeOf(event.class.type).toEqualTypeOf<string>();
    expectTypeOf(event.aggregateId).toEqualTypeOf<string>();
    expectTypeOf(event.sequenceNumber).toEqualTypeOf<number>();
    expectTypeOf(event.createdAt).toEqualTypeOf<Date>();
    expectTypeOf(event.toJson()).toEqualTypeOf<Readonly<Record<string, Json>>>();
    // @ts-expect-error only some events have a title
    event.title;
  });
});

test("an aggregate can remember when it last changed", () => {
  class Note extends AggregateRoot("Note", { changedAt: time() }) {
    readonly handlers = [on(anyEvent, ({ createdAt }) => ({ changedAt: createdAt }))];
  }
  const note = new Note(task).loadFromHistory([TaskAdded.of(task, { title: "a" }), SlugSet.of(task, {})]);
  expect(note.state.changedAt).toBeInstanceOf(Date);
});

describe("a projector of any event", () => {
  const { given, thenRows } = projectorSpec({ beforeEach, projectors: [AuditProjector, CountingProjector] });

  test("sees each event once, whatever its class", async () => {
    given(TaskAdded.of(task, { title: "a" }), TaskAdded.of(other, { title: "b" }), TaskFinished.of(task));
    await thenRows(
      entries,
      { id: task, number: 1, type: "TaskAdded", payload: '{"title":"a"}' },
      { id: task, number: 2, type: "TaskFinished", payload: "{}" },
      { id: other, number: 1, type: "TaskAdded", payload: '{"title":"b"}' },
    );
    await thenRows(counts, { type: "TaskAdded", total: 2 }, { type: "TaskFinished", total: 1 });
  });
});

describe("a workflow of any event", () => {
  class Finishing extends Workflow("Finishing") {
    readonly handlers = [
      on(anyEvent, ({ aggregateId }) => this.executeCommands(new FinishTask({ aggregateId }))),
    ];
  }
  const { when, thenCommands } = workflowSpec({ beforeEach, workflows: [Finishing] });

  test("reacts to each", async () => {
    await when(TaskAdded.of(task, { title: "a" }), TaskRenamed.of(other, { title: "b" }));
    thenCommands(new FinishTask({ aggregateId: task }), new FinishTask({ aggregateId: other }));
  });
});

describe("a program with a handler for any event", () => {
  const { Task, TaskCommandHandler: commandHandler, taskEvents: events, ...commands } = tasks;
  class Archived extends Event("Archived") {}
  const module: DomainModule = { aggregate: Task, commandHandler, commands, events: { ...events, Archived } };
  const wiring = { modules: [module], projectors: [AuditProjector], workflows: [] };

  test("fits together, and has no unused event", () => {
    expect(eventsNobodyTakes({ ...wiring, projectors: [] })).toEqual([Archived]);
    expect(() => checkWiring(wiring)).not.toThrow();
    expect(eventsNobodyTakes(wiring)).toEqual([]);
  });
});

describe("on Postgres, views of any event", () => {
  const context = useShop();
  const projectors = [AuditProjector, CountingProjector];
  const eventTypes = new EventTypes([taskEvents]);
  const [first, second] = [new AddTask({ title: "First" }), new AddTask({ title: "Second" })];

  const rows = async () => {
    const { read } = context.database;
    return {
      entries: await read("view_schema.any_event_entries").orderBy(["id", "number"]),
      counts: await read("view_schema.any_event_counts").orderBy("type"),
    };
  };

  beforeEach(async () => {
    const { patient, write } = context.database;
    await migrate(patient, { projectors, eventTypes });
    for (const { name } of [entries, counts]) await write.raw(`delete from view_schema.${name}`);
    const commandService = new CommandService({
      eventStore: new PostgresEventStore(write, eventTypes),
      commandHandlers: [TaskCommandHandler],
      projectors,
    });
    await commandService.executeCommands(first, second);
    await commandService.executeCommands(new RenameTask({ aggregateId: first.aggregateId, title: "Other" }));
  });

  test("are the same after a replay, partitioned or not", async () => {
    const before = await rows();
    expect(before.entries).toHaveLength(5);
    expect(before.counts).toContainEqual({ type: "TaskAdded", total: 2 });
    const { patient } = context.database;
    expect(await verifyViews({ knex: patient, projectors, eventTypes })).toBeUndefined();
    const replay = new Replay({ knex: patient, projectors, eventTypes });
    const plan = await replay.plan(projectors);
    expect(plan.events).toBe(10);
    await replay.replay(plan);
    expect(await rows()).toEqual(before);
  });

  test("are not built again without the events that the program does not know any more", async () => {
    const { SlugSet: _, ...others } = taskEvents;
    const fewer = new EventTypes([others]);
    const { patient } = context.database;
    const replay = new Replay({ knex: patient, projectors, eventTypes: fewer });
    await expect(replay.plan(projectors)).rejects.toThrow(UnknownEventType);
    await expect(verifyViews({ knex: patient, projectors, eventTypes: fewer })).rejects.toThrow(
      UnknownEventType,
    );
  });
});
