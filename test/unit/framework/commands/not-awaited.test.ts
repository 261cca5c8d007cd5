import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { column, on, Projector, table, Workflow } from "#sequent";
import {
  type CommandFilter,
  type CommandMiddleware,
  CommandService,
  type CommandServiceOptions,
  EventTypes,
  InMemoryEventStore,
  newId,
  ProjectorFailed,
  WorkNotAwaited,
} from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";
import { AddTask, FinishTask, TaskAdded, TaskCommandHandler, taskEvents } from "../support/tasks.ts";

// Work that a handler does not await continues after the handler has ended. Each of these mistakes is refused with a message
// that says what to do. For command handlers, see command-service.test.ts.

const [task, other] = [newId(), newId()];

const records = table("hasty_records", {
  columns: { id: column.uuid, title: column.text },
  primaryKey: ["id"],
});

let store: InMemoryEventStore;
let flaky: FlakyStore;

function serviceOf(options: Partial<CommandServiceOptions>): CommandService {
  return new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [TaskCommandHandler],
    ...options,
  });
}

const log = async () => store.events.map((event) => event.class.type);
const add = (aggregateId = task) => new AddTask({ aggregateId, title: aggregateId });

/** A promise, and what resolves it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Errors of work that nobody awaited. */
const heard: unknown[] = [];
const hear = (work: Promise<unknown>): void => void work.catch((error) => heard.push(error));

/** A middleware that releases late work after the command is handled, and waits until the work was refused. */
const lateWorkAfterward =
  (open: () => void): CommandMiddleware =>
  async (_command, next) => {
    await next();
    open();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
  };

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  flaky = new FlakyStore();
  heard.length = 0;
});

describe("a projector that does not await its work", () => {
  /** It writes after it has found a row, or after it is released. */
  const hasty = (work: (projector: Hasty, id: string) => unknown) =>
    class extends Hasty {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }): undefined => work(this, aggregateId) as undefined),
      ];
    };
  abstract class Hasty extends Projector("Hasty", { version: 1, tables: [records] }) {
    look = (id: string) => this.find(records, { id });
    write = (id: string) => this.createOrUpdate(records, { id, title: "written" });
  }

  test.each<[string, (projector: Hasty, id: string) => unknown]>([
    ["find(…).then(…)", (projector, id) => void projector.look(id).then(() => projector.write(id))],
    [
      "a find in an async function",
      (projector, id) => void (async () => projector.write((await projector.look(id))?.id ?? id))(),
    ],
    ["several at once", (projector, id) => [id, other].map(async (each) => projector.look(each))],
  ])("is refused, and nothing is stored: %s", async (_, work) => {
    const executing = serviceOf({ projectors: [hasty(work)] }).executeCommands(add());
    await expect(executing).rejects.toThrow(ProjectorFailed);
    await expect(executing).rejects.toThrow(
      'The handler of TaskAdded in Hasty ended while it was still loading. Work that comes so late is not stored. Write "await" before it, as in "await this.find(…)".',
    );
    await expect(executing).rejects.toMatchObject({ cause: expect.any(WorkNotAwaited) });
    expect(await log()).toEqual([]);
    expect(store.rows.all(records)).toEqual([]);
  });

  const late: [string, (projector: Hasty) => unknown][] = [
    ["writes", (projector) => projector.write(task)],
    ["finds", (projector) => projector.look(task)],
  ];

  test.each(late)(
    "is refused if it %s after its handler has ended, and nothing is stored",
    async (_, act) => {
      const { open, opened } = gate();
      const acting = async (projector: Hasty) => {
        await opened;
        await act(projector);
      };
      const service = serviceOf({
        projectors: [hasty((projector) => hear(acting(projector)))],
        middleware: [lateWorkAfterward(open)],
      });
      const executing = service.executeCommands(add());
      await expect(executing).rejects.toThrow(WorkNotAwaited);
      await expect(executing).rejects.toThrow(
        /The handler of TaskAdded in Hasty had ended when (createOrUpdate|find) was called/,
      );
      expect(await log()).toEqual([]);
      expect(store.rows.all(records)).toEqual([]);
    },
  );

  test.each(late)("throws if it %s after the unit is stored", async (_, act) => {
    const { open, opened } = gate();
    const acting = async (projector: Hasty) => {
      await opened;
      await act(projector);
    };
    await serviceOf({ projectors: [hasty((projector) => hear(acting(projector)))] }).executeCommands(add());
    open();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard).toEqual([expect.any(WorkNotAwaited)]);
    expect(store.rows.all(records)).toEqual([]);
  });

  test("is refused if it writes in its constructor", async () => {
    class Eager extends Projector("Eager", { version: 1, tables: [records] }) {
      readonly handlers = [on(TaskAdded, () => {})];
      constructor(...parts: ConstructorParameters<typeof Hasty>) {
        super(...parts);
        this.create(records, { id: task, title: "eager" });
      }
    }
    await expect(serviceOf({ projectors: [Eager] }).executeCommands(add())).rejects.toThrow(
      "Eager called create without an event",
    );
  });

  test("may await for as long as it likes, and need not await if it only writes", async () => {
    const waiting = hasty(async (projector, id) => {
      await turn();
      if (!(await projector.look(id))) projector.write(id);
    });
    await serviceOf({ projectors: [waiting] }).executeCommands(add(), add(other));
    expect(store.rows.all(records)).toHaveLength(2);
  });

  test("that fails while it finds keeps its own error", async () => {
    const failing = hasty((projector, id) => {
      void projector.look(id);
      throw new RangeError("no");
    });
    await expect(serviceOf({ projectors: [failing] }).executeCommands(add())).rejects.toMatchObject({
      cause: expect.any(RangeError),
    });
  });
});

describe("a workflow that does not await its work", () => {
  const hasty = (work: (workflow: Hasty) => unknown) =>
    class extends Hasty {
      readonly handlers = [on(TaskAdded, (): undefined => work(this) as undefined)];
    };
  abstract class Hasty extends Workflow("Hasty") {
    run = () => this.executeCommands(new FinishTask({ aggregateId: task }));
    plan = () => this.afterCommit(() => {});
  }
  const late: [string, (workflow: Hasty) => unknown][] = [
    ["executeCommands", (workflow) => workflow.run()],
    ["afterCommit", (workflow) => workflow.plan()],
  ];

  test.each(late)("is refused before the unit is stored, and nothing is stored: %s", async (what, act) => {
    const { open, opened } = gate();
    const acting = async (workflow: Hasty) => {
      await opened;
      act(workflow);
    };
    const service = serviceOf({
      workflows: [hasty((workflow) => hear(acting(workflow)))],
      middleware: [lateWorkAfterward(open)],
    });
    const executing = service.executeCommands(add());
    await expect(executing).rejects.toThrow(WorkNotAwaited);
    await expect(executing).rejects.toThrow(
      `had ended when ${what} was called. Work that comes so late is not stored. Write "await" before it, as in "await lookUp(…)".`,
    );
    await expect(executing).rejects.toThrow(/The handler of TaskAdded in .+ had ended/);
    expect(heard).toEqual([expect.any(WorkNotAwaited)]);
    expect(await log()).toEqual([]);
  });

  test.each(late)("is refused while the unit is being stored, not ignored: %s", async (_, act) => {
    const { open, opened } = gate();
    const acting = async (workflow: Hasty) => {
      await opened;
      act(workflow);
    };
    flaky.commits.push(async (commit) => {
      open();
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      await commit();
    });
    const service = serviceOf({ workflows: [hasty((workflow) => hear(acting(workflow)))] });
    await service.executeCommands(add());
    expect(heard).toEqual([expect.any(WorkNotAwaited)]);
    expect(await log()).toEqual(["TaskAdded", "SlugSet"]);
  });

  test("is refused in a task after the commit, once the task has ended", async () => {
    const { open, opened } = gate();
    class Planning extends Workflow("Planning") {
      readonly handlers = [
        on(TaskAdded, () =>
          this.afterCommit(() => hear(opened.then(() => this.executeCommands(add(other))))),
        ),
      ];
    }
    await serviceOf({ workflows: [Planning] }).executeCommands(add());
    open();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(String(heard[0])).toContain("The task after the commit had ended when executeCommands was called");
  });

  test("may await for as long as it likes", async () => {
    const waiting = hasty(async (workflow) => {
      await turn();
      workflow.run();
    });
    await serviceOf({ workflows: [waiting] }).executeCommands(add());
    expect(await log()).toEqual(["TaskAdded", "SlugSet", "TaskFinished"]);
  });
});

describe("a filter that returns a refusal", () => {
  test.each<[string, () => unknown]>([
    ["false", () => false],
    ["a promise of false", async () => false],
  ])("refuses the command, and the message says to throw instead: %s", async (_, filter) => {
    const executing = serviceOf({ filters: [filter as CommandFilter] }).executeCommands(add());
    await expect(executing).rejects.toThrow(
      "A filter returned false for AddTask, which refuses nothing. To refuse a command, throw the error that says why.",
    );
    expect(await log()).toEqual([]);
  });

  test("may return anything else", async () => {
    const seen: string[] = [];
    await serviceOf({ filters: [({ class: { type } }) => void seen.push(type)] }).executeCommands(add());
    expect(seen).toEqual(["AddTask"]);
    // @ts-expect-error a filter that answers is a mistake
    const filters: CommandFilter[] = [({ userId }) => userId === "ben"];
    expect(filters).toHaveLength(1);
  });
});
