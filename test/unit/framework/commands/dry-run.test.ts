import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateKeyNotUnique,
  AggregateNotFound,
  column,
  increment,
  on,
  Projector,
  table,
  VersionConflict,
  Workflow,
} from "#sequent";
import {
  CommandIdReused,
  CommandService,
  type CommandServiceOptions,
  ConcurrentChange,
  EventTypes,
  InMemoryEventStore,
  newId,
} from "#sequent/operations";
import { AddCustomer } from "../../../fixtures/shop/customer/commands.ts";
import { PlaceOrder } from "../../../fixtures/shop/order/commands.ts";
import { countStored } from "../../../support/database.ts";
import { useShop } from "../../../support/shop.ts";
import { FlakyStore } from "../support/flaky-store.ts";
import {
  AddTask,
  FinishTask,
  TaskAdded,
  TaskCommandHandler,
  TaskFinished,
  taskEvents,
} from "../support/tasks.ts";

const context = useShop();
const [task, other] = [newId(), newId()];

const records = table("dry_records", {
  columns: { id: column.uuid, title: column.text },
  primaryKey: ["id"],
});
const counts = table("dry_counts", {
  columns: { name: column.text, total: column.integer },
  primaryKey: ["name"],
});

class TaskProjector extends Projector("TaskProjector", { version: 1, tables: [records] }) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId, title }) => this.create(records, { id: aggregateId, title })),
    on(TaskFinished, ({ aggregateId }) => this.delete(records, { id: aggregateId })),
  ];
}

/** It reads a row, so its earlier writes are sent early. */
class CountProjector extends Projector("CountProjector", { version: 1, tables: [counts] }) {
  readonly handlers = [
    on([TaskAdded, TaskFinished], async () => {
      this.createOrUpdate(counts, { name: "last", total: 0 });
      if (!(await this.find(counts, { name: "all" }))) this.create(counts, { name: "all", total: 0 });
      this.update(counts, { name: "all" }, { total: increment(1) });
    }),
  ];
}

const done: string[] = [];
class FinishingWorkflow extends Workflow("FinishingWorkflow") {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId }) => {
      this.executeCommands(new FinishTask({ aggregateId }));
      this.afterCommit(() => done.push(aggregateId));
    }),
  ];
}

let store: InMemoryEventStore;
let flaky: FlakyStore;

function serviceOf(options: Partial<CommandServiceOptions> = {}): CommandService {
  return new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [TaskCommandHandler],
    ...options,
  });
}

const log = async () => store.events.map((event) => event.class.type);

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  flaky = new FlakyStore();
  done.length = 0;
});

describe("a dry run of commands", () => {
  test("reports which events would be stored, and of which command", async () => {
    const adding = new AddTask({ aggregateId: task, title: "Write" });
    const finishing = new FinishTask({ aggregateId: task, minutes: 5 });
    const { events, rows, commands } = await serviceOf().dryRun(adding, finishing);
    expect(events.map(({ event, command }) => [event.class.type, event.toJson(), command.commandId])).toEqual(
      [
        ["TaskAdded", { title: "Write" }, adding.commandId],
        ["SlugSet", { slug: "write" }, adding.commandId],
        ["TaskFinished", { minutes: 5 }, finishing.commandId],
      ],
    );
    expect(rows).toEqual([]);
    expect(commands).toEqual([]);
  });

  test("reports which rows projectors would write, also rows that are written early", async () => {
    const service = serviceOf({ projectors: [TaskProjector, CountProjector] });
    const { rows } = await service.dryRun(new AddTask({ aggregateId: task, title: "Write" }));
    expect(rows).toHaveLength(3);
    const told = rows.map(({ cause, ...change }) => ({ projector: cause?.projector, ...change }));
    expect(told).toContainEqual({
      projector: "TaskProjector",
      table: records,
      kind: "insert",
      values: { id: task, title: "Write" },
    });
    expect(told).toContainEqual({
      projector: "CountProjector",
      table: counts,
      kind: "upsert",
      values: { name: "last", total: 0 },
    });
    expect(told).toContainEqual(
      expect.objectContaining({ table: counts, kind: "insert", values: { name: "all", total: 1 } }),
    );
    expect(store.rows.all(records)).toEqual([]);
    expect(store.rows.all(counts)).toEqual([]);
  });

  test("reports which commands workflows would run, and their effects", async () => {
    const service = serviceOf({ workflows: [FinishingWorkflow], projectors: [TaskProjector] });
    const { commands, events } = await service.dryRun(new AddTask({ aggregateId: task, title: "Write" }));
    expect(commands.map((command) => [command.class.type, command.aggregateId])).toEqual([
      ["FinishTask", task],
    ]);
    expect(events.at(-1)?.event).toBeInstanceOf(TaskFinished);
    expect(events.at(-1)?.command).toBe(commands[0]);
  });

  test("stores nothing, runs no task after the commit, and takes no snapshot", async () => {
    const due: unknown[] = [];
    const service = serviceOf({
      workflows: [FinishingWorkflow],
      projectors: [TaskProjector],
      snapshots: { takeSoon: (each) => due.push(each) },
    });
    const adding = new AddTask({ aggregateId: task, title: "Write" });
    await service.dryRun(adding);
    expect(await log()).toEqual([]);
    expect(await store.findCommands([adding.commandId])).toEqual([]);
    expect(store.rows.all(records)).toEqual([]);
    expect(done).toEqual([]);
    expect(due).toEqual([]);
    await service.executeCommands(adding);
    expect(await log()).toEqual(["TaskAdded", "SlugSet", "TaskFinished"]);
    expect(done).toEqual([task]);
  });

  test("is refused in the same cases as the commands", async () => {
    const service = serviceOf({
      filters: [
        ({ userId }) => {
          if (userId === "mallory") throw new RangeError("not you");
        },
      ],
    });
    await service.executeCommands(new AddTask({ aggregateId: task, title: "Write" }));
    const refusals = [
      [new AddTask({ aggregateId: other, title: "Write" }), AggregateKeyNotUnique],
      [new FinishTask({ aggregateId: other }), AggregateNotFound],
      [new FinishTask({ aggregateId: task, seenVersion: 1 }), VersionConflict],
      [new FinishTask({ aggregateId: task, userId: "mallory" }), RangeError],
    ] as const;
    for (const [command, errorClass] of refusals) {
      await expect(service.dryRun(command)).rejects.toThrow(errorClass);
      await expect(service.executeCommands(command)).rejects.toThrow(errorClass);
    }
    expect(await log()).toEqual(["TaskAdded", "SlugSet"]);
  });

  test("decides again after a lost race, like the commands", async () => {
    await serviceOf().executeCommands(new AddTask({ aggregateId: task, title: "Write" }));
    flaky.commits.push(async () => {
      throw new ConcurrentChange([task]);
    });
    const { events, rows } = await serviceOf({ projectors: [CountProjector] }).dryRun(
      new FinishTask({ aggregateId: task }),
    );
    expect(events).toHaveLength(1);
    expect(rows).toHaveLength(2);
    for (let times = 0; times < 4; times += 1)
      flaky.commits.push(async () => {
        throw new ConcurrentChange([task]);
      });
    await expect(serviceOf().dryRun(new FinishTask({ aggregateId: task }))).rejects.toThrow(ConcurrentChange);
  });

  test("reports that a stored command would do nothing more, or that its id is used", async () => {
    const service = serviceOf({ workflows: [FinishingWorkflow] });
    const adding = new AddTask({ aggregateId: task, title: "Write" });
    await service.executeCommands(adding);
    expect(await service.dryRun(adding)).toEqual({ events: [], rows: [], commands: [] });
    const { commandId } = adding;
    const another = new AddTask({ commandId, aggregateId: task, title: "Read" });
    await expect(service.dryRun(another)).rejects.toThrow(CommandIdReused);
  });
});

test("a dry run on Postgres reports what the commands then do, and stores nothing", async () => {
  const { commandService, eventStore, queries } = context.shop;
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  await commandService.executeCommands(customer);
  const stored = await countStored(context.database);
  const order = new PlaceOrder({ customerAggregateId: customer.aggregateId, address: "Here", note: "" });
  const { events, rows } = await commandService.dryRun(order);
  expect(rows.map(({ table }) => table.name)).toContain("order_records");
  expect(await countStored(context.database)).toEqual(stored);
  expect(await queries.order(order.aggregateId)).toBeUndefined();
  await commandService.executeCommands(order);
  const [stream] = await eventStore.load([order.aggregateId]);
  expect(stream?.events.map((event) => event.toJson())).toEqual(events.map(({ event }) => event.toJson()));
  expect(await commandService.dryRun(order)).toEqual({ events: [], rows: [], commands: [] });
  const another = new AddCustomer({ name: "Another Ben", email: "ben@example.com" });
  await expect(commandService.dryRun(another)).rejects.toThrow(AggregateKeyNotUnique);
});
