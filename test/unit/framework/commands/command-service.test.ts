import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  AggregateKeyNotUnique,
  AggregateNotFound,
  type BaseCommand,
  Command,
  CommandHandler,
  CommandNotValid,
  integer,
  on,
  VersionConflict,
} from "#sequent";
import {
  CommandIdReused,
  type CommandMiddleware,
  CommandService,
  type CommandServiceOptions,
  ConcurrentChange,
  EventTypes,
  InMemoryEventStore,
  NoCommandHandler,
  newId,
  StoreUnavailable,
  WorkNotAwaited,
} from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";
import {
  AddSubtask,
  AddTask,
  FinishTask,
  HandOverSlug,
  RenameBoth,
  RenameTask,
  Task,
  TaskAlreadyFinished,
  TaskCommandHandler,
  taskEvents,
} from "../support/tasks.ts";

let store: InMemoryEventStore;
let flaky: FlakyStore;
let service: CommandService;
const [first, second] = [newId(), newId()];

function serviceWith(options: Partial<CommandServiceOptions> = {}): CommandService {
  return new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [TaskCommandHandler],
    ...options,
  });
}

/** The log in short: "TaskAdded 1 of first". */
async function log(): Promise<string[]> {
  return store.events.map(({ aggregateId, sequenceNumber, class: { type } }) => {
    const name = { [first]: "first", [second]: "second" }[aggregateId] ?? "another";
    return `${type} ${sequenceNumber} of ${name}`;
  });
}

const add = (aggregateId: string, title = aggregateId) => new AddTask({ aggregateId, title });
const rename = (aggregateId: string, title: string, seenVersion?: number) =>
  new RenameTask({ aggregateId, title, seenVersion });

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  flaky = new FlakyStore();
  service = serviceWith();
});

describe("executeCommands", () => {
  test("stores the events and returns the result of each command", async () => {
    const commands = [add(first), rename(first, "Read"), rename(first, "Read")];
    expect(await service.executeCommands(...commands)).toEqual([
      { commandId: commands[0]?.commandId, aggregateId: first, eventCount: 2, version: 2 },
      { commandId: commands[1]?.commandId, aggregateId: first, eventCount: 1, version: 3 },
      { commandId: commands[2]?.commandId, aggregateId: first, eventCount: 0, version: undefined },
    ]);
    expect(await log()).toEqual(["TaskAdded 1 of first", "SlugSet 2 of first", "TaskRenamed 3 of first"]);
  });

  test("of nothing does nothing", async () => {
    expect(await service.executeCommands()).toEqual([]);
  });

  test("stores the commands with their values, their user and the number of their events", async () => {
    const command = new AddTask({ aggregateId: first, title: "Write", userId: "ben" });
    await service.executeCommands(command);
    expect(await store.findCommands([command.commandId])).toEqual([
      {
        commandId: command.commandId,
        type: "AddTask",
        aggregateId: first,
        payload: { title: "Write" },
        userId: "ben",
        cause: undefined,
        metadata: undefined,
        createdAt: command.createdAt,
        eventCount: 2,
        version: 2,
      },
    ]);
  });

  test("also stores a command that changed nothing", async () => {
    await service.executeCommands(add(first, "Write"));
    const command = rename(first, "Write");
    await service.executeCommands(command);
    expect(await store.findCommands([command.commandId])).toMatchObject([{ eventCount: 0 }]);
  });

  test("sees the changes of an earlier command of the unit in a later one", async () => {
    await service.executeCommands(add(first, "Write"), new FinishTask({ aggregateId: first }));
    await expect(service.executeCommands(new FinishTask({ aggregateId: first }))).rejects.toThrow(
      TaskAlreadyFinished,
    );
  });

  test("starts each unit of work without memory of the last one", async () => {
    await service.executeCommands(add(first));
    const elsewhere = serviceWith();
    await elsewhere.executeCommands(rename(first, "elsewhere"));
    await service.executeCommands(rename(first, "here"));
    expect(await log()).toHaveLength(4);
  });

  test("publishes the events of the aggregate first that was loaded first", async () => {
    await service.executeCommands(add(first), add(second));
    await service.executeCommands(new RenameBoth({ aggregateId: first, otherId: second, title: "x" }));
    expect((await log()).slice(4)).toEqual([
      "TaskRenamed 3 of second",
      "TaskRenamed 3 of first",
      "TaskRenamed 4 of first",
    ]);
  });

  test("publishes the events of a command before those of the next one", async () => {
    await service.executeCommands(add(first), add(second), rename(first, "x"));
    expect(await log()).toEqual([
      "TaskAdded 1 of first",
      "SlugSet 2 of first",
      "TaskAdded 1 of second",
      "SlugSet 2 of second",
      "TaskRenamed 3 of first",
    ]);
  });

  test("passes a command to every handler that takes it, in their order", async () => {
    const heard: string[] = [];
    const handler = (name: string) =>
      class extends CommandHandler {
        readonly handlers = [on(FinishTask, () => void heard.push(name))];
      };
    const both = serviceWith({ commandHandlers: [handler("a"), handler("b")] });
    await both.executeCommands(new FinishTask({ aggregateId: first }));
    expect(heard).toEqual(["a", "b"]);
  });

  test("names the command that no handler takes, and stores nothing", async () => {
    class Unheard extends Command("Unheard") {}
    const executing = service.executeCommands(add(first), new Unheard({ aggregateId: first }));
    await expect(executing).rejects.toThrow(NoCommandHandler);
    await expect(executing).rejects.toMatchObject({ commandType: "Unheard" });
    expect(await log()).toEqual([]);
  });

  test("refuses a handler that makes an aggregate, but does not add it", async () => {
    class Forgetful extends CommandHandler {
      readonly handlers = [on(AddTask, (command) => void Task.add(command))];
    }
    const executing = serviceWith({ commandHandlers: [Forgetful] }).executeCommands(add(first));
    await expect(executing).rejects.toThrow(
      'The handler of AddTask adds nothing, so nothing would be stored. Give what it makes to "this.repository.addAggregate(…)".',
    );
    expect(await log()).toEqual([]);
  });

  test("takes it from a handler that has looked, and decides to add nothing", async () => {
    class Careful extends CommandHandler {
      readonly handlers = [
        on(AddTask, async ({ title }) => {
          await this.repository.findByUniqueKey(Task, "task_slug", title);
        }),
      ];
    }
    const results = await serviceWith({ commandHandlers: [Careful] }).executeCommands(add(first));
    expect(results).toMatchObject([{ eventCount: 0 }]);
  });

  test("moves a unique key from one aggregate to another in one unit", async () => {
    await service.executeCommands(add(first, "a"), add(second, "b"));
    await service.executeCommands(new HandOverSlug({ aggregateId: first, otherId: second }));
    expect(await store.findByUniqueKey("task_slug", "a")).toBe(second);
    expect(await store.findByUniqueKey("task_slug", "b")).toBeUndefined();
  });
});

describe("a refused command leaves nothing behind", () => {
  class Odd extends Command("Odd", { number: integer() }) {}

  const refusals: [string, () => BaseCommand, abstract new (...args: never[]) => Error][] = [
    ["by its rules", () => new Odd({ aggregateId: first, number: 0.5 }), CommandNotValid],
    ["by the domain", () => new FinishTask({ aggregateId: first }), TaskAlreadyFinished],
    ["because its aggregate does not exist", () => rename(second, "x"), AggregateNotFound],
    [
      "because its parent does not exist",
      () => new AddSubtask({ parentId: second, title: "x" }),
      AggregateNotFound,
    ],
    ["because its key is taken", () => add(second, "taken"), AggregateKeyNotUnique],
    ["because it has no handler", () => new Odd({ aggregateId: first, number: 1 }), NoCommandHandler],
  ];

  test.each(refusals)("refused %s", async (_, command, error) => {
    await service.executeCommands(add(first, "taken"), new FinishTask({ aggregateId: first }));
    const before = await log();
    const good = add(newId(), "good");
    await expect(service.executeCommands(good, command())).rejects.toThrow(error);
    expect(await log()).toEqual(before);
    expect(await store.findCommands([good.commandId])).toEqual([]);
    expect(await store.findByUniqueKey("task_slug", "good")).toBeUndefined();
  });

  test("a unit may require an aggregate that it adds itself", async () => {
    await service.executeCommands(
      new AddSubtask({ aggregateId: first, parentId: second, title: "x" }),
      add(second),
    );
    expect(await log()).toHaveLength(4);
  });
});

describe("filters", () => {
  test("see each command before it is checked, and refuse by throwing", async () => {
    const seen: BaseCommand[] = [];
    const refusing = serviceWith({
      filters: [
        (command) => void seen.push(command),
        async ({ userId }) => {
          if (userId !== "ben") throw new Error("forbidden");
        },
      ],
    });
    const bad = new AddTask({ title: "\0" });
    await expect(refusing.executeCommands(bad)).rejects.toThrow("forbidden");
    expect(seen).toEqual([bad]);
    await refusing.executeCommands(new AddTask({ aggregateId: first, title: "x", userId: "ben" }));
    expect(await log()).toHaveLength(2);
  });

  test("refuse all commands before anything is done", async () => {
    const refusing = serviceWith({
      filters: [
        ({ aggregateId }) => {
          if (aggregateId === second) throw new Error("forbidden");
        },
      ],
    });
    await expect(refusing.executeCommands(add(first), add(second))).rejects.toThrow("forbidden");
    expect(flaky.attempts).toBe(0);
  });
});

describe("middleware", () => {
  const around =
    (name: string, heard: string[]) => async (command: BaseCommand, next: () => Promise<void>) => {
      heard.push(`${name} before ${command.class.type}`);
      await next();
      heard.push(`${name} after ${command.class.type}`);
    };

  test("wraps each command, the first middleware outermost", async () => {
    const heard: string[] = [];
    const middleware = [around("outer", heard), around("inner", heard)];
    await serviceWith({ middleware }).executeCommands(add(first), rename(first, "x"));
    expect(heard).toEqual(
      ["AddTask", "RenameTask"].flatMap((type) => [
        `outer before ${type}`,
        `inner before ${type}`,
        `inner after ${type}`,
        `outer after ${type}`,
      ]),
    );
  });

  test("can refuse by throwing", async () => {
    const refusing = serviceWith({ middleware: [() => Promise.reject(new Error("closed"))] });
    await expect(refusing.executeCommands(add(first))).rejects.toThrow("closed");
    expect(await log()).toEqual([]);
  });

  test("can replace an error by its own", async () => {
    const translating = serviceWith({
      middleware: [
        async (_, next) => {
          await next().catch((error) => {
            throw new Error("translated", { cause: error });
          });
        },
      ],
    });
    await expect(translating.executeCommands(rename(first, "x"))).rejects.toThrow("translated");
  });

  test("cannot hide that a command failed, so never half of it is stored", async () => {
    const hiding = serviceWith({ middleware: [(_, next) => next().catch(() => undefined)] });
    await expect(hiding.executeCommands(add(first), rename(second, "x"))).rejects.toThrow(AggregateNotFound);
    expect(await log()).toEqual([]);
  });

  test("cannot forget the command, run it twice, or go on before it is done", async () => {
    const forgetting = serviceWith({ middleware: [async () => {}] });
    await expect(forgetting.executeCommands(add(first))).rejects.toThrow("did not call next() for AddTask");
    const twice = serviceWith({
      middleware: [
        async (_, next) => {
          void next();
          void next();
        },
      ],
    });
    await twice.executeCommands(add(first), rename(first, "x"));
    expect(await log()).toHaveLength(3);
  });

  test("that gives up before the command is done cannot leave it running or lose its error", async () => {
    let running = 0;
    class SlowHandler extends CommandHandler {
      readonly handlers = [
        on(AddTask, async () => {
          running += 1;
          await turn();
          running -= 1;
          throw new Error("too late");
        }),
      ];
    }
    const middleware: CommandMiddleware[] = [
      async (_, next) => {
        void next();
        throw new Error("gave up");
      },
    ];
    const impatient = serviceWith({ commandHandlers: [SlowHandler], middleware });
    await expect(impatient.executeCommands(add(first))).rejects.toThrow("gave up");
    expect(running).toBe(0);
  });
});

describe("a command handler that does not await its work", () => {
  type Repository = CommandHandler["repository"];
  type Work = (repository: Repository, command: RenameTask) => Promise<unknown>;

  /** A service whose handler for RenameTask starts this work and does not await it. */
  const hasty = (work: Work) => {
    class HastyHandler extends CommandHandler {
      readonly handlers = [
        on(RenameTask, async (command) => {
          await this.repository.loadAggregate(Task, second);
          void work(this.repository, command);
        }),
      ];
    }
    return serviceWith({ commandHandlers: [HastyHandler] });
  };

  beforeEach(async () => {
    await service.executeCommands(add(first), add(second));
  });

  test.each<[string, Work]>([
    [
      "loadAggregate(…).then(…)",
      (repository, { title }) => repository.loadAggregate(Task, first).then((task) => task.setSlug(title)),
    ],
    [
      "a load of an aggregate that is already loaded",
      (repository, { title }) => repository.loadAggregate(Task, second).then((task) => task.setSlug(title)),
    ],
    [
      "several loaded at once",
      (repository) => repository.loadAggregates(Task, [first]).then(([task]) => task?.setSlug("a")),
    ],
    ["an aggregate that does not exist", (repository) => repository.loadAggregate(Task, newId())],
    ["a search for an aggregate", (repository) => repository.findAggregate(Task, first)],
    ["a check that an aggregate exists", (repository) => repository.containsAggregate(Task, first)],
    ["a search by a key", (repository) => repository.findByUniqueKey(Task, "task_slug", "x")],
    ["an aggregate of the past", (repository) => repository.loadAggregateAsOf(Task, first, 1)],
  ])("is refused with a message that says what to do, and nothing is stored: %s", async (_, work) => {
    const before = await log();
    const command = rename(first, "a");
    const executing = hasty(work).executeCommands(command);
    await expect(executing).rejects.toThrow(WorkNotAwaited);
    await expect(executing).rejects.toThrow(/RenameTask ended while .+ Write "await"/);
    await expect(executing).rejects.toMatchObject({ handler: "The handler of RenameTask" });
    expect(await log()).toEqual(before);
    expect(await store.findCommands([command.commandId])).toEqual([]);
    expect(await store.findByUniqueKey("task_slug", "a")).toBeUndefined();
  });

  test("is refused, and nothing is stored, even if it returns at once and the next command goes on", async () => {
    class SyncHandler extends CommandHandler {
      readonly handlers = [
        on(RenameTask, ({ title }) => {
          void this.repository.loadAggregate(Task, first).then((task) => task.setSlug(title));
        }),
        on(FinishTask, async ({ aggregateId }) => {
          (await this.repository.loadAggregate(Task, aggregateId)).finish(1);
        }),
      ];
    }
    const before = await log();
    const commands = [new FinishTask({ aggregateId: first }), rename(first, "a"), rename(second, "b")];
    const executing = serviceWith({ commandHandlers: [SyncHandler] }).executeCommands(...commands);
    await expect(executing).rejects.toThrow(WorkNotAwaited);
    expect(await log()).toEqual(before);
  });

  const late: [string, (repository: Repository, task: Task) => unknown][] = [
    ["an event is applied", (_, task) => task.setSlug("a")],
    ["an aggregate is loaded", (repository) => repository.loadAggregate(Task, first)],
    ["an aggregate is added", (repository) => repository.addAggregate(Task.add(add(newId())))],
  ];

  /** Work that continues after the handler has ended, once it is released. */
  function endlessWork(act: (repository: Repository, task: Task) => unknown) {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const heard: unknown[] = [];
    const goOn = async (repository: Repository, task: Task) => {
      await released;
      try {
        await act(repository, task);
      } catch (error) {
        heard.push(error);
      }
    };
    class Handler extends CommandHandler {
      readonly handlers = [
        on(RenameTask, async () => {
          void goOn(this.repository, await this.repository.loadAggregate(Task, second));
        }),
      ];
    }
    return { release, heard, commandHandlers: [Handler] };
  }

  test.each(late)("is refused if its work goes on before the unit is stored: %s", async (_, act) => {
    const before = await log();
    const { release, heard, commandHandlers } = endlessWork(act);
    const patient: CommandMiddleware[] = [
      async (_command, next) => {
        await next();
        release();
        await vi.waitFor(() => expect(heard).toHaveLength(1));
      },
    ];
    const executing = serviceWith({ commandHandlers, middleware: patient }).executeCommands(
      rename(first, "a"),
    );
    await expect(executing).rejects.toThrow(/had ended.+ Write "await"/);
    expect(heard).toEqual([expect.any(WorkNotAwaited)]);
    expect(await log()).toEqual(before);
    expect(await store.findByUniqueKey("task_slug", "a")).toBeUndefined();
  });

  test.each(late)("throws in that work if it goes on after the unit is stored: %s", async (_, act) => {
    const before = await log();
    const { release, heard, commandHandlers } = endlessWork(act);
    await serviceWith({ commandHandlers }).executeCommands(rename(first, "a"));
    release();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard).toEqual([expect.any(WorkNotAwaited)]);
    expect(String(heard[0])).toMatch(/The handler of RenameTask had ended.+ Write "await"/);
    expect(await log()).toEqual(before);
  });

  test("is another thing than a handler that fails while it loads, whose own error counts", async () => {
    class FailingHandler extends CommandHandler {
      readonly handlers = [
        on(RenameTask, async () => {
          const { repository } = this;
          await Promise.all([repository.loadAggregate(Task, newId()), repository.loadAggregate(Task, first)]);
        }),
      ];
    }
    const failing = serviceWith({ commandHandlers: [FailingHandler] });
    await expect(failing.executeCommands(rename(first, "a"))).rejects.toThrow(AggregateNotFound);
  });
});

describe("a lost race", () => {
  /** Somebody else renames the task between our loading and our storing. */
  const raced = async (commit: () => Promise<void>) => {
    await serviceWith({ eventStore: store }).executeCommands(rename(first, `other ${flaky.attempts}`));
    await commit();
  };

  test("is repeated from the start", async () => {
    await service.executeCommands(add(first));
    flaky.commits.push(raced, raced, raced);
    await service.executeCommands(rename(first, "mine"));
    expect(flaky.attempts).toBe(1 + 4);
    expect(await log()).toHaveLength(2 + 4);
    const [stream] = await store.load([first]);
    expect(stream?.events.at(-1)).toMatchObject({ title: "mine" });
  });

  test("is given up after three more attempts", async () => {
    await service.executeCommands(add(first));
    flaky.commits.push(raced, raced, raced, raced);
    const executing = service.executeCommands(rename(first, "mine"));
    await expect(executing).rejects.toThrow(ConcurrentChange);
    await expect(executing).rejects.toMatchObject({ aggregateIds: [first] });
    expect(flaky.attempts).toBe(1 + 4);
  });

  test("is not repeated if the domain refuses", async () => {
    await service.executeCommands(add(first), new FinishTask({ aggregateId: first }));
    await expect(service.executeCommands(new FinishTask({ aggregateId: first }))).rejects.toThrow(
      TaskAlreadyFinished,
    );
    expect(flaky.attempts).toBe(1);
  });

  test("lets the domain decide again, on the new state", async () => {
    await service.executeCommands(add(first));
    flaky.commits.push(async (commit) => {
      await serviceWith({ eventStore: store }).executeCommands(new FinishTask({ aggregateId: first }));
      await commit();
    });
    await expect(service.executeCommands(new FinishTask({ aggregateId: first }))).rejects.toThrow(
      TaskAlreadyFinished,
    );
  });
});

describe("the version that the sender saw", () => {
  test("is accepted if it is the stored one", async () => {
    await service.executeCommands(add(first));
    await service.executeCommands(rename(first, "x", 2));
    expect(await log()).toHaveLength(3);
  });

  test("is a conflict if the aggregate has changed", async () => {
    await service.executeCommands(add(first));
    await service.executeCommands(rename(first, "x", 2));
    const executing = service.executeCommands(rename(first, "y", 2));
    await expect(executing).rejects.toThrow(VersionConflict);
    await expect(executing).rejects.toMatchObject({ seenVersion: 2, actualVersion: 3 });
    expect(flaky.attempts).toBe(2);
  });

  test("is a conflict if the aggregate changes while we decide, and nothing is decided again", async () => {
    await service.executeCommands(add(first));
    flaky.commits.push(async (commit) => {
      await serviceWith({ eventStore: store }).executeCommands(rename(first, "other"));
      await commit();
    });
    const executing = service.executeCommands(rename(first, "mine", 2));
    await expect(executing).rejects.toThrow(VersionConflict);
    await expect(executing).rejects.toMatchObject({
      aggregateId: first,
      seenVersion: 2,
      actualVersion: 3,
    });
    expect(flaky.attempts).toBe(2);
  });

  test("is no conflict if another aggregate has changed", async () => {
    await service.executeCommands(add(first), add(second));
    flaky.commits.push(async () => {
      throw new ConcurrentChange([first, second]);
    });
    await service.executeCommands(rename(first, "x", 2), rename(second, "y"));
    expect(await log()).toHaveLength(6);
  });
});

describe("a command sent again", () => {
  test("has no second effect, and gets the first answer", async () => {
    const command = add(first);
    const results = await service.executeCommands(command);
    expect(await service.executeCommands(command)).toEqual(results);
    expect(await service.executeCommands(new AddTask({ ...command }))).toEqual(results);
    expect(await log()).toHaveLength(2);
  });

  test("gets the first answer even if it would be refused now", async () => {
    await service.executeCommands(add(first));
    const command = new FinishTask({ aggregateId: first, minutes: 1, seenVersion: 2 });
    const results = await service.executeCommands(command);
    expect(await service.executeCommands(command)).toEqual(results);
    expect(await log()).toHaveLength(3);
  });

  test("by another request gets the first answer, and the first metadata stay", async () => {
    const command = new AddTask({ aggregateId: first, title: "x", metadata: { requestId: "7" } });
    const results = await service.executeCommands(command);
    const { commandId } = command;
    const again = new AddTask({ aggregateId: first, commandId, title: "x", metadata: { requestId: "8" } });
    expect(await service.executeCommands(again)).toEqual(results);
    expect(await store.findCommands([commandId])).toMatchObject([{ metadata: { requestId: "7" } }]);
  });

  test("at the same time has one effect", async () => {
    const command = add(first);
    const answers = await Promise.all([1, 2, 3].map(() => service.executeCommands(command)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await log()).toHaveLength(2);
  });

  test("makes no second aggregate if no id was given", async () => {
    const commandId = newId();
    const [result] = await service.executeCommands(new AddTask({ commandId, title: "x" }));
    expect(await service.executeCommands(new AddTask({ commandId, title: "x" }))).toEqual([result]);
    expect(await log()).toHaveLength(2);
  });

  test("with other content is refused", async () => {
    const command = add(first, "x");
    await service.executeCommands(command);
    const { commandId } = command;
    for (const other of [
      new AddTask({ aggregateId: first, commandId, title: "y" }),
      new AddTask({ aggregateId: second, commandId, title: "x" }),
      new RenameTask({ aggregateId: first, commandId, title: "x" }),
    ]) {
      const executing = service.executeCommands(other);
      await expect(executing).rejects.toThrow(CommandIdReused);
      await expect(executing).rejects.toMatchObject({ commandId });
    }
    expect(await log()).toHaveLength(2);
  });

  test("by somebody else is refused, and does not get the answer", async () => {
    const values = { aggregateId: first, commandId: newId(), title: "x" };
    const results = await service.executeCommands(new AddTask({ ...values, userId: "ben" }));
    for (const userId of ["eve", undefined, "program:import"]) {
      const executing = service.executeCommands(new AddTask({ ...values, userId }));
      await expect(executing).rejects.toThrow(CommandIdReused);
    }
    expect(await service.executeCommands(new AddTask({ ...values, userId: "ben" }))).toEqual(results);
    expect(await log()).toHaveLength(2);
  });

  test("together with a new one is refused, and the error names the stored one", async () => {
    const command = add(first);
    await service.executeCommands(command);
    const executing = service.executeCommands(add(second), command);
    await expect(executing).rejects.toThrow(CommandIdReused);
    await expect(executing).rejects.toMatchObject({ commandId: command.commandId });
    expect(await log()).toHaveLength(2);
  });

  test("twice in one call is refused", async () => {
    const command = add(first);
    await expect(service.executeCommands(command, command)).rejects.toThrow(CommandIdReused);
    expect(await log()).toEqual([]);
  });
});

describe("a store that is cut off", () => {
  const cutOff = (outcomeUnknown: boolean) => async () => {
    throw new StoreUnavailable(outcomeUnknown, { cause: new Error("connection lost") });
  };

  test("before it stored anything is asked again", async () => {
    flaky.commits.push(cutOff(true));
    await service.executeCommands(add(first));
    expect(await log()).toHaveLength(2);
  });

  test("after it stored everything is not asked to store it again", async () => {
    const command = add(first);
    flaky.commits.push(async (commit) => {
      await commit();
      await cutOff(true)();
    });
    const results = await service.executeCommands(command);
    expect(results).toEqual([
      { commandId: command.commandId, aggregateId: first, eventCount: 2, version: 2 },
    ]);
    expect(flaky.attempts).toBe(1);
    expect(await log()).toHaveLength(2);
  });

  test("permanently leads to an error after three more attempts", async () => {
    flaky.commits.push(cutOff(true), cutOff(true), cutOff(true), cutOff(true));
    await expect(service.executeCommands(add(first))).rejects.toThrow(StoreUnavailable);
    expect(flaky.attempts).toBe(4);
    expect(await log()).toEqual([]);
  });

  test("that reports that it stored nothing is not asked again", async () => {
    flaky.commits.push(cutOff(false));
    await expect(service.executeCommands(add(first))).rejects.toThrow(StoreUnavailable);
    expect(flaky.attempts).toBe(1);
  });

  test("is not asked again after a long silence, so the caller gets an answer", async () => {
    const clock = vi.spyOn(performance, "now");
    flaky.commits.push(async () => {
      clock.mockReturnValue(performance.now() + 2_001);
      throw new StoreUnavailable(true);
    });
    await expect(service.executeCommands(add(first))).rejects.toThrow(StoreUnavailable);
    expect(flaky.attempts).toBe(1);
  });

  test("and then cannot be asked whether the command was stored leads to the first error", async () => {
    flaky.commits.push(async () => {
      vi.spyOn(store, "findCommands").mockRejectedValue(new Error("also lost"));
      throw new StoreUnavailable(true, { cause: new Error("connection lost") });
    });
    await expect(service.executeCommands(add(first))).rejects.toThrow("connection lost");
  });

  test.each([
    ["an answer of the domain", () => new FinishTask({ aggregateId: first })],
    ["that its id is taken", () => add(second)],
  ])("and cannot be asked whether the command was stored does not report %s", async (_, command) => {
    await service.executeCommands(add(first));
    const repeated = command();
    const results = await service.executeCommands(repeated);
    const asking = vi.spyOn(store, "findCommands").mockRejectedValue(new Error("connection lost"));

    const executing = service.executeCommands(repeated);
    await expect(executing).rejects.toThrow(StoreUnavailable);
    await expect(executing).rejects.toThrow("connection lost");
    await expect(executing).rejects.toMatchObject({ outcomeUnknown: true });

    asking.mockRestore();
    expect(await service.executeCommands(repeated)).toEqual(results);
  });
});
