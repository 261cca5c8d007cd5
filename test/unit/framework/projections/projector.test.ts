import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { column, increment, nullable, on, Projector, table } from "#sequent";
import {
  CommandService,
  ConcurrentChange,
  EventTypes,
  InMemoryEventStore,
  newId,
  type ProjectorClass,
  ProjectorFailed,
  TableNotManaged,
} from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";
import {
  AddTask,
  FinishTask,
  RenameTask,
  TaskAdded,
  TaskCommandHandler,
  TaskFinished,
  TaskRenamed,
  taskEvents,
} from "../support/tasks.ts";

const taskRecords = table("task_records", {
  columns: { id: column.uuid, title: column.text, minutes: nullable(column.integer) },
  primaryKey: ["id"],
});
const counts = table("counts", {
  columns: { name: column.text, total: column.integer },
  primaryKey: ["name"],
});

const othersCounts = table("others_counts", { columns: counts.columns, primaryKey: ["name"] });

class TaskProjector extends Projector("TaskProjector", { version: 1, tables: [taskRecords] }) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId, title }) => this.create(taskRecords, { id: aggregateId, title })),
    on(TaskRenamed, ({ aggregateId, title }) => this.update(taskRecords, { id: aggregateId }, { title })),
    on(TaskFinished, ({ aggregateId, minutes }) => {
      if (minutes === undefined) this.delete(taskRecords, { id: aggregateId });
      else this.update(taskRecords, { id: aggregateId }, { minutes });
    }),
  ];
}

class CountProjector extends Projector("CountProjector", { version: 1, tables: [counts] }) {
  readonly handlers = [
    on([TaskAdded, TaskFinished], async () => {
      const row = await this.find(counts, { name: "open" });
      if (!row) this.create(counts, { name: "open", total: 1 });
    }),
    on(TaskFinished, () => this.update(counts, { name: "open" }, { total: increment(-1) })),
    on(TaskRenamed, ({ title }) => this.createOrUpdate(counts, { name: title, total: 0 })),
  ];
}

let store: InMemoryEventStore;
let flaky: FlakyStore;
const [first, second] = [newId(), newId()];

function serviceWith(...projectors: ProjectorClass[]): CommandService {
  return new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [TaskCommandHandler],
    projectors,
  });
}

const add = (aggregateId: string) => new AddTask({ aggregateId, title: aggregateId });

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  flaky = new FlakyStore();
});

describe("projectors", () => {
  test("write the rows of a unit with its events", async () => {
    const service = serviceWith(TaskProjector, CountProjector);
    await service.executeCommands(
      add(first),
      add(second),
      new RenameTask({ aggregateId: first, title: "x" }),
    );
    expect(store.rows.all(taskRecords)).toEqual([
      { id: first, title: "x", minutes: null },
      { id: second, title: second, minutes: null },
    ]);
    await service.executeCommands(
      new FinishTask({ aggregateId: first, minutes: 5 }),
      new FinishTask({ aggregateId: second }),
    );
    expect(store.rows.all(taskRecords)).toEqual([{ id: first, title: "x", minutes: 5 }]);
    expect(store.rows.all(counts)).toEqual([
      { name: "open", total: -1 },
      { name: "x", total: 0 },
    ]);
  });

  test("write nothing for a refused command", async () => {
    const service = serviceWith(TaskProjector, CountProjector);
    await expect(
      service.executeCommands(add(first), new RenameTask({ aggregateId: second, title: "x" })),
    ).rejects.toThrow();
    expect(store.rows.all(taskRecords)).toEqual([]);
    expect(store.rows.all(counts)).toEqual([]);
  });

  test("write once, even if a unit is tried again", async () => {
    flaky.commits.push(async () => {
      throw new ConcurrentChange([first]);
    });
    await serviceWith(TaskProjector, CountProjector).executeCommands(add(first));
    expect(store.rows.all(taskRecords)).toHaveLength(1);
    expect(store.rows.all(counts)).toEqual([{ name: "open", total: 1 }]);
  });

  test("see events in the order in which they happened, one handler after the other", async () => {
    const seen: string[] = [];
    class Listening extends Projector("Listening", { version: 1, tables: [] }) {
      readonly handlers = [
        on(TaskAdded, async (event) => {
          await turn();
          seen.push(`${event.sequenceNumber} slowly`);
        }),
        on([TaskAdded, TaskRenamed], ({ sequenceNumber }) => void seen.push(`${sequenceNumber}`)),
      ];
    }
    await serviceWith(Listening).executeCommands(
      add(first),
      new RenameTask({ aggregateId: first, title: "x" }),
    );
    expect(seen).toEqual(["1 slowly", "1", "3"]);
  });

  test("may listen to the same events as others", async () => {
    await serviceWith(TaskProjector, CountProjector).executeCommands(add(first));
    expect(store.rows.all(taskRecords)).toHaveLength(1);
    expect(store.rows.all(counts)).toHaveLength(1);
  });
});

describe("a projector that fails", () => {
  class Failing extends Projector("Failing", { version: 1, tables: [counts] }) {
    readonly handlers = [
      on(TaskRenamed, () => {
        throw new Error("no such title");
      }),
    ];
  }

  test("makes the command fail, and is named with the event and the reason", async () => {
    const service = serviceWith(TaskProjector, Failing);
    await service.executeCommands(add(first));
    const failing = service.executeCommands(new RenameTask({ aggregateId: first, title: "x" }));
    await expect(failing).rejects.toThrow(ProjectorFailed);
    await expect(failing).rejects.toMatchObject({
      projector: "Failing",
      event: { aggregateId: first, sequenceNumber: 3, title: "x" },
      cause: { message: "no such title" },
      message: `Failing failed on TaskRenamed (${first}, number 3): no such title`,
    });
    expect(store.rows.all(taskRecords)).toEqual([{ id: first, title: first, minutes: null }]);
    expect(store.events).toHaveLength(2);
  });

  test("is also named if the store refuses its rows, at the end or before", async () => {
    class Doubling extends Projector("Doubling", { version: 1, tables: [taskRecords] }) {
      readonly handlers = [on(TaskRenamed, ({ title }) => this.create(taskRecords, { id: first, title }))];
    }
    class Looking extends Projector("Looking", { version: 1, tables: [counts] }) {
      readonly handlers = [on(TaskFinished, () => this.find(counts, { name: "x" }))];
    }
    const service = serviceWith(Doubling, Looking);
    await service.executeCommands(add(first), new RenameTask({ aggregateId: first, title: "x" }));
    for (const more of [[], [new FinishTask({ aggregateId: first })]]) {
      const failing = service.executeCommands(new RenameTask({ aggregateId: first, title: "y" }), ...more);
      await expect(failing).rejects.toMatchObject({
        constructor: ProjectorFailed,
        projector: "Doubling",
        event: { title: "y" },
      });
    }
  });

  test("is not blamed for a lost race; it runs again", async () => {
    let races = 2;
    class Racing extends Projector("Racing", { version: 1, tables: [] }) {
      readonly handlers = [
        on(TaskAdded, () => {
          if (races-- > 0) throw new ConcurrentChange([first]);
        }),
      ];
    }
    await serviceWith(Racing).executeCommands(add(first));
    expect(store.events).toHaveLength(2);
  });
});

describe("the tables of a projector", () => {
  test("are the ones that it lists; others are refused, for reading and for writing", async () => {
    type Use = (projector: Straying, id: string) => void;
    class Straying extends Projector("Straying", { version: 1, tables: [counts] }) {
      static use: Use;
      readonly handlers = [on(TaskAdded, ({ aggregateId }) => Straying.use(this, aggregateId))];
      uses = {
        create: (name: string) => this.create(othersCounts, { name, total: 1 }),
        createOrUpdate: (name: string) => this.createOrUpdate(othersCounts, { name, total: 1 }),
        update: (name: string) => this.update(othersCounts, { name }, { total: 2 }),
        delete: (name: string) => this.delete(othersCounts, { name }),
        find: (name: string) => this.find(othersCounts, { name }),
      };
    }
    for (const name of ["create", "createOrUpdate", "update", "delete", "find"] as const) {
      Straying.use = (projector, id) => projector.uses[name](id);
      const straying = serviceWith(Straying).executeCommands(add(first));
      await expect(straying, name).rejects.toMatchObject({
        constructor: ProjectorFailed,
        cause: { constructor: TableNotManaged, projector: "Straying", table: "others_counts" },
      });
    }
  });

  test("belong to one projector", () => {
    class Second extends Projector("SecondProjector", { version: 1, tables: [taskRecords] }) {
      readonly handlers = [];
    }
    expect(() => serviceWith(TaskProjector, Second)).toThrow(
      'The table "task_records" is listed by TaskProjector and by SecondProjector. A table belongs to one projector: take it out of the tables of the other.',
    );
  });
});

describe("the saved name of a projector", () => {
  test("belongs to one class, which is listed once", () => {
    class Renamed extends TaskProjector {}
    expect(() => serviceWith(TaskProjector, Renamed)).toThrow(
      'Two projectors are saved as "TaskProjector": TaskProjector and Renamed. Give one of them another name in Projector("…").',
    );
    expect(() => serviceWith(TaskProjector, TaskProjector)).toThrow(
      "The projector TaskProjector is listed twice. Take one out.",
    );
  });
});
