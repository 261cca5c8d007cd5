import { beforeEach, describe, expect, test, vi } from "vitest";
import { AggregateNotFound, type BaseEvent, Command, on, Workflow } from "#sequent";
import {
  type Cause,
  CommandService,
  type CommandServiceOptions,
  EventTypes,
  InMemoryEventStore,
  NoCommandHandler,
  newId,
  StoreUnavailable,
  type WorkflowClass,
} from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";
import {
  AddTask,
  FinishTask,
  RenameTask,
  TaskAdded,
  TaskCommandHandler,
  TaskRenamed,
  taskEvents,
} from "../support/tasks.ts";

let store: InMemoryEventStore;
let flaky: FlakyStore;
const [first, second] = [newId(), newId()];

function serviceWith(...workflows: WorkflowClass[]): CommandService {
  return serviceOf({ workflows });
}

function serviceOf(options: Partial<CommandServiceOptions>): CommandService {
  return new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [TaskCommandHandler],
    ...options,
  });
}

async function logOf(aggregateId?: string): Promise<string[]> {
  return store.events
    .filter((event) => aggregateId === undefined || event.aggregateId === aggregateId)
    .map((event) => `${event.class.type} ${event.sequenceNumber}`);
}

/** The stored command that led to an event. */
async function commandBehind(aggregateId: string, sequenceNumber: number) {
  const executed = flaky.units.flatMap(({ commands }) => commands);
  const isOne = (event: BaseEvent) =>
    event.aggregateId === aggregateId && event.sequenceNumber === sequenceNumber;
  const ids = executed.filter(({ events }) => events.some(isOne)).map(({ command }) => command.commandId);
  const [command] = await store.findCommands(ids);
  return command;
}

const add = (aggregateId: string) => new AddTask({ aggregateId, title: aggregateId });
const rename = (aggregateId: string, title: string) => new RenameTask({ aggregateId, title });

/** Finishes each task that is added: one command for one event. */
class FinishingWorkflow extends Workflow("FinishingWorkflow") {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId }) => this.executeCommands(new FinishTask({ aggregateId }))),
  ];
}

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  flaky = new FlakyStore();
});

describe("the commands of a workflow", () => {
  test("are of the same unit of work", async () => {
    await serviceWith(FinishingWorkflow).executeCommands(add(first));
    expect(await logOf()).toEqual(["TaskAdded 1", "SlugSet 2", "TaskFinished 3"]);
    expect(flaky.attempts).toBe(1);
  });

  test("come after those that are already queued", async () => {
    await serviceWith(FinishingWorkflow).executeCommands(add(first), add(second), rename(first, "x"));
    expect(await logOf()).toEqual([
      "TaskAdded 1",
      "SlugSet 2",
      "TaskAdded 1",
      "SlugSet 2",
      "TaskRenamed 3",
      "TaskFinished 4",
      "TaskFinished 3",
    ]);
  });

  test("have no results: only the commands of the caller have", async () => {
    const results = await serviceWith(FinishingWorkflow).executeCommands(add(first));
    expect(results).toHaveLength(1);
  });

  test("undo the whole unit if they fail", async () => {
    class Failing extends Workflow("Failing") {
      readonly handlers = [on(TaskAdded, () => this.executeCommands(rename(second, "x")))];
    }
    await expect(serviceWith(Failing).executeCommands(add(first))).rejects.toThrow(AggregateNotFound);
    expect(await logOf()).toEqual([]);
  });

  test("go through middleware and filters like other commands, and filters see the cause", async () => {
    const seen: [string, Cause | undefined][] = [];
    const around: string[] = [];
    const service = serviceOf({
      workflows: [FinishingWorkflow],
      filters: [(command, cause) => void seen.push([command.class.type, cause])],
      middleware: [
        async (command, next) => {
          around.push(command.class.type);
          await next();
        },
      ],
    });
    await service.executeCommands(add(first));
    expect(seen).toEqual([
      ["AddTask", undefined],
      ["FinishTask", { aggregateId: first, sequenceNumber: 1 }],
    ]);
    expect(around).toEqual(["AddTask", "FinishTask"]);
  });

  test("need a handler, too", async () => {
    class Unheard extends Command("Unheard") {}
    class Asking extends Workflow("Asking") {
      readonly handlers = [on(TaskAdded, () => this.executeCommands(new Unheard({ aggregateId: first })))];
    }
    await expect(serviceWith(Asking).executeCommands(add(first))).rejects.toThrow(NoCommandHandler);
    expect(await logOf()).toEqual([]);
  });

  test("are stored with the event that caused them, and other commands without a cause", async () => {
    class Nested extends Workflow("Nested") {
      readonly handlers = [
        on(TaskAdded, async ({ aggregateId }) => {
          await Promise.resolve();
          this.executeCommands(rename(aggregateId, "x"));
        }),
        on(TaskRenamed, ({ aggregateId }) => this.executeCommands(new FinishTask({ aggregateId }))),
      ];
    }
    const service = serviceWith(Nested);
    await service.executeCommands(add(first), add(second));
    for (const id of [first, second]) {
      expect((await commandBehind(id, 1))?.cause).toBeUndefined();
      expect((await commandBehind(id, 3))?.cause).toEqual({ aggregateId: id, sequenceNumber: 1 });
      expect((await commandBehind(id, 4))?.cause).toEqual({ aggregateId: id, sequenceNumber: 3 });
    }
    const later = newId();
    await serviceWith().executeCommands(add(later));
    expect((await commandBehind(later, 1))?.cause).toBeUndefined();
  });

  test("have the workflow as their user, also after the commit, unless they have another one", async () => {
    class Nested extends Workflow("Nested") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) => {
          if (aggregateId !== first) return;
          this.executeCommands(rename(aggregateId, "x"));
          this.afterCommit(() => this.executeCommands(rename(aggregateId, "y")));
        }),
      ];
    }
    class Another extends Workflow("saved under another name") {
      readonly handlers = [
        on(TaskRenamed, ({ aggregateId, title }) => {
          if (title === "x") this.executeCommands(new FinishTask({ aggregateId }));
          else this.executeCommands(new AddTask({ title: "z", userId: "eve" }));
        }),
      ];
    }
    const seen: [string, string | undefined][] = [];
    const service = serviceOf({
      workflows: [Nested, Another],
      filters: [(command) => void seen.push([command.class.type, command.userId])],
    });
    await service.executeCommands(new AddTask({ aggregateId: first, title: "a", userId: "ben" }));
    expect(seen).toEqual([
      ["AddTask", "ben"],
      ["RenameTask", "workflow:Nested"],
      ["FinishTask", "workflow:saved under another name"],
      ["RenameTask", "workflow:Nested"],
      ["AddTask", "eve"],
    ]);
    expect((await commandBehind(first, 3))?.userId).toBe("workflow:Nested");
  });

  test("have the metadata of the command that led to them, unless they have their own", async () => {
    class Nested extends Workflow("Nested") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) => {
          this.executeCommands(rename(aggregateId, "x"));
          this.afterCommit(() => this.executeCommands(rename(aggregateId, "y")));
        }),
        on(TaskRenamed, ({ aggregateId, title }) => {
          if (title === "x") this.executeCommands(new FinishTask({ aggregateId, metadata: { own: true } }));
        }),
      ];
    }
    const seen: [string, unknown][] = [];
    const service = serviceOf({
      workflows: [Nested],
      filters: [(command) => void seen.push([command.class.type, command.metadata])],
    });
    const adding = (aggregateId: string, requestId?: string) =>
      new AddTask({ aggregateId, title: aggregateId, metadata: requestId ? { requestId } : undefined });
    await service.executeCommands(adding(first, "7"), adding(second));
    expect(seen).toEqual([
      ["AddTask", { requestId: "7" }],
      ["AddTask", undefined],
      ["RenameTask", { requestId: "7" }],
      ["RenameTask", undefined],
      ["FinishTask", { own: true }],
      ["FinishTask", { own: true }],
      ["RenameTask", { requestId: "7" }],
      ["RenameTask", undefined],
    ]);
    expect((await commandBehind(first, 3))?.metadata).toEqual({ requestId: "7" });
    expect((await commandBehind(second, 3))?.metadata).toBeUndefined();
  });

  test("run once, even if the unit is tried again", async () => {
    flaky.commits.push(async () => {
      throw new StoreUnavailable(true, { cause: new Error("connection lost") });
    });
    await serviceWith(FinishingWorkflow).executeCommands(add(first));
    expect(await logOf(first)).toEqual(["TaskAdded 1", "SlugSet 2", "TaskFinished 3"]);
  });

  test("are refused after the end of the unit, because somebody forgot to await", async () => {
    const late: Late[] = [];
    class Late extends Workflow("Late") {
      readonly handlers = [on(TaskAdded, () => void late.push(this))];

      say(): void {
        this.afterCommit(() => {});
      }

      command(): void {
        void this.executeCommands(rename(first, "x"));
      }
    }
    await serviceWith(Late).executeCommands(add(first));
    expect(late).toHaveLength(1);
    expect(() => late[0]?.say()).toThrow(TypeError);
    expect(() => late[0]?.command()).toThrow(
      'The handler of TaskAdded in Late had ended when executeCommands was called. Work that comes so late is not stored. Write "await" before it',
    );
  });
});

describe("afterCommit", () => {
  /** Notes what is stored at that time. */
  const noting = (notes: string[][]) =>
    class extends Workflow("NotingWorkflow") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) =>
          this.afterCommit(async () => notes.push(await logOf(aggregateId))),
        ),
      ];
    };

  test("runs when everything is stored, before the caller continues", async () => {
    const notes: string[][] = [];
    await serviceWith(noting(notes), FinishingWorkflow).executeCommands(add(first), add(second));
    expect(notes).toEqual([
      ["TaskAdded 1", "SlugSet 2", "TaskFinished 3"],
      ["TaskAdded 1", "SlugSet 2", "TaskFinished 3"],
    ]);
  });

  test("does not run when nothing was stored", async () => {
    const notes: string[][] = [];
    const executing = serviceWith(noting(notes)).executeCommands(add(first), rename(second, "x"));
    await expect(executing).rejects.toThrow(AggregateNotFound);
    expect(notes).toEqual([]);
  });

  test("does not run again for a command that is sent again", async () => {
    const notes: string[][] = [];
    const service = serviceWith(noting(notes));
    const command = add(first);
    await service.executeCommands(command);
    await service.executeCommands(command);
    expect(notes).toHaveLength(1);
  });

  test("does not run again if a command that is sent again loses its connection while it loads", async () => {
    const notes: string[][] = [];
    const service = serviceWith(noting(notes));
    await service.executeCommands(add(second));
    const commands = [add(first), rename(second, "x")];
    await service.executeCommands(...commands);
    vi.spyOn(store, "load").mockRejectedValueOnce(new StoreUnavailable(true));
    await service.executeCommands(...commands);
    expect(notes).toHaveLength(2);
  });

  test("runs once if the store was cut off, before or after it stored", async () => {
    const notes: string[][] = [];
    const cutOff = new StoreUnavailable(true, { cause: new Error("connection lost") });
    flaky.commits.push(async () => {
      throw cutOff;
    });
    await serviceWith(noting(notes)).executeCommands(add(first));
    flaky.commits.push(async (commit) => {
      await commit();
      throw cutOff;
    });
    await serviceWith(noting(notes)).executeCommands(add(second));
    expect(notes).toHaveLength(2);
  });

  test("runs once if the first attempt is stored only during the second one", async () => {
    const notes: string[][] = [];
    let late: (() => Promise<void>) | undefined;
    flaky.commits.push(
      async (commit) => {
        late = commit;
        throw new StoreUnavailable(true, { cause: new Error("connection lost") });
      },
      async (commit) => {
        await late?.();
        await commit();
      },
    );
    await serviceWith(noting(notes)).executeCommands(add(first));
    expect(notes).toHaveLength(1);
    expect(await logOf(first)).toHaveLength(2);
  });

  test("reports the error of a task and runs the others, and the command stays stored", async () => {
    const done: string[] = [];
    class Mailing extends Workflow("Mailing") {
      readonly handlers = [
        on(TaskAdded, () => {
          this.afterCommit(() => Promise.reject(new Error("no mail today")));
          this.afterCommit(() => done.push("the next one"));
        }),
      ];
    }
    const onAfterCommitError = vi.fn();
    const service = serviceOf({ workflows: [Mailing], onAfterCommitError });
    expect(await service.executeCommands(add(first))).toHaveLength(1);
    expect(onAfterCommitError.mock.calls).toEqual([[expect.objectContaining({ message: "no mail today" })]]);
    expect(done).toEqual(["the next one"]);
    expect(await logOf()).toHaveLength(2);
  });

  test("writes the error of a task to stderr by default", async () => {
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    class Mailing extends Workflow("Mailing") {
      readonly handlers = [
        on(TaskAdded, () =>
          this.afterCommit(() => {
            throw new Error("no mail today");
          }),
        ),
      ];
    }
    await serviceWith(Mailing).executeCommands(add(first));
    expect(written).toHaveBeenCalledOnce();
  });
});

describe("the commands of an afterCommit task", () => {
  /** Adds a task now; renames it after the commit; finishes it after that one's. */
  class Chained extends Workflow("Chained") {
    readonly handlers = [
      on(TaskAdded, ({ aggregateId }) => {
        this.afterCommit(() => this.executeCommands(rename(aggregateId, "later")));
      }),
      on(TaskRenamed, ({ aggregateId }) => {
        this.afterCommit(() => this.executeCommands(new FinishTask({ aggregateId })));
      }),
    ];
  }

  test("are units of their own, with the cause, and may have tasks, too", async () => {
    await serviceWith(Chained).executeCommands(add(first));
    expect(await logOf()).toEqual(["TaskAdded 1", "SlugSet 2", "TaskRenamed 3", "TaskFinished 4"]);
    expect(flaky.attempts).toBe(3);
    expect((await commandBehind(first, 3))?.cause).toEqual({ aggregateId: first, sequenceNumber: 1 });
    expect((await commandBehind(first, 4))?.cause).toEqual({ aggregateId: first, sequenceNumber: 3 });
  });

  test("have the cause of the task, also if a task leads to another one", async () => {
    class Patient extends Workflow("Patient") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) => {
          this.afterCommit(() => {
            this.afterCommit(() => this.executeCommands(rename(aggregateId, "at last")));
          });
        }),
      ];
    }
    await serviceWith(Patient).executeCommands(add(first));
    expect((await commandBehind(first, 3))?.cause).toEqual({ aggregateId: first, sequenceNumber: 1 });
  });

  test("do not change the first unit if they fail", async () => {
    class Failing extends Workflow("Failing") {
      readonly handlers = [
        on(TaskAdded, () => this.afterCommit(() => this.executeCommands(rename(second, "x")))),
      ];
    }
    const onAfterCommitError = vi.fn();
    await serviceOf({ workflows: [Failing], onAfterCommitError }).executeCommands(add(first));
    expect(onAfterCommitError).toHaveBeenCalledWith(expect.any(AggregateNotFound));
    expect(await logOf()).toHaveLength(2);
  });

  test("do not run if the task itself fails", async () => {
    class Failing extends Workflow("Failing") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) =>
          this.afterCommit(() => {
            this.executeCommands(rename(aggregateId, "x"));
            throw new Error("no");
          }),
        ),
      ];
    }
    const onAfterCommitError = vi.fn();
    const service = serviceOf({ workflows: [Failing, Chained], onAfterCommitError });
    await service.executeCommands(add(first));
    expect(onAfterCommitError).toHaveBeenCalledOnce();
    expect(await logOf(first)).toEqual(["TaskAdded 1", "SlugSet 2", "TaskRenamed 3", "TaskFinished 4"]);
  });
});
