import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  AggregateNotFound,
  type BaseCommand,
  Command,
  CommandHandler,
  on,
  optional,
  string,
  VersionConflict,
} from "#sequent";
import { CommandService, EventTypes, InMemoryEventStore, newId } from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";
import { AddTask, RenameTask, Task, TaskCommandHandler, taskEvents } from "../support/tasks.ts";

class Look extends Command("Look", { note: optional(string()) }) {}
class Finish extends Command("Finish") {}

let store: InMemoryEventStore;
let work: (task: Task, seen: Task) => unknown;
const task = newId();

class LookCommandHandler extends CommandHandler {
  readonly handlers = [
    on(Look, (command) => this.doWithAggregate(command, Task, (each, seen) => work(each, seen))),
    on(Finish, (command) => this.doWithAggregate(command, Task, (each) => each.rename("finished"))),
  ];
}

const execute = (...commands: BaseCommand[]) =>
  new CommandService({
    eventStore: store,
    commandHandlers: [TaskCommandHandler, LookCommandHandler],
  }).executeCommands(...commands);

beforeEach(async () => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  await execute(
    new AddTask({ aggregateId: task, title: "Write" }),
    new RenameTask({ aggregateId: task, title: "Read" }),
  );
});

test("a handler that a function makes has the arguments of the function, and asks again when it runs again", async () => {
  const asked: string[] = [];
  const namingCommandHandler = (names: { next(before: string): Promise<string> }) =>
    class extends CommandHandler {
      readonly handlers = [
        on(Look, (command) =>
          this.doWithAggregate(command, Task, async (each) =>
            each.rename(await names.next(each.state.title ?? "")),
          ),
        ),
      ];
    };
  const names = { next: async (before: string) => `${before}${asked.push(before)}` };
  const flaky = new FlakyStore();
  const service = new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [namingCommandHandler(names)],
  });
  flaky.commits.push(async (commit) => {
    await execute(new RenameTask({ aggregateId: task, title: "Think" }));
    await commit();
  });
  await service.executeCommands(new Look({ aggregateId: task }));
  expect(asked).toEqual(["Read", "Think"]);
  expect((await store.load([task]))[0]?.events.at(-1)).toMatchObject({ title: "Think2" });
});

describe("doWithAggregate", () => {
  test("loads the aggregate of the command, and stores what happens to it", async () => {
    work = (each) => each.rename(`${each.state.title}!`);
    const [result] = await execute(new Look({ aggregateId: task }));
    expect(result).toMatchObject({ aggregateId: task, eventCount: 1, version: 4 });
    expect((await store.load([task]))[0]?.events.at(-1)).toMatchObject({ title: "Read!" });
  });

  test("waits for the work, and fails with it", async () => {
    work = async (each) => {
      await sleep(1);
      each.rename("Think");
    };
    expect(await execute(new Look({ aggregateId: task }))).toMatchObject([{ eventCount: 1 }]);
    work = async () => {
      await sleep(1);
      throw new RangeError("no");
    };
    await expect(execute(new Look({ aggregateId: task }))).rejects.toThrow(RangeError);
  });

  test("fails if there is none", async () => {
    work = vi.fn();
    await expect(execute(new Look({ aggregateId: newId() }))).rejects.toThrow(AggregateNotFound);
    expect(work).not.toHaveBeenCalled();
  });

  test.each([undefined, 3])(
    "passes the aggregate itself if the sender saw version %s of 3, with one load",
    async (version) => {
      const load = vi.spyOn(store, "load");
      work = vi.fn();
      await execute(new Look({ aggregateId: task, ...(version !== undefined && { seenVersion: version }) }));
      const [now, seen] = vi.mocked(work).mock.lastCall ?? [];
      expect(now).toBeInstanceOf(Task);
      expect(seen).toBe(now);
      expect(load).toHaveBeenCalledOnce();
    },
  );

  test.each([
    [2, "Write"],
    [0, undefined],
    [99, undefined],
  ])("passes the earlier aggregate if the sender saw version %s of 3", async (seenVersion, title) => {
    work = vi.fn();
    await execute(new Look({ aggregateId: task, seenVersion }));
    const [now, seen] = vi.mocked(work).mock.lastCall ?? [];
    expect([now?.state.title, seen?.state.title]).toEqual(["Read", title]);
  });

  test.each([2, 0, 99])(
    "refuses a sender who saw version %s of 3 if the handler ignores the seen version",
    async (seenVersion) => {
      const executing = execute(new Finish({ aggregateId: task, seenVersion }));
      await expect(executing).rejects.toThrow(VersionConflict);
      await expect(executing).rejects.toMatchObject({ seenVersion, actualVersion: 3 });
      expect((await store.load([task]))[0]?.events).toHaveLength(3);
    },
  );

  test("lets one command of a unit merge, and is strict with the next one", async () => {
    work = (each) => each.rename("Think");
    const look = () => new Look({ aggregateId: task, seenVersion: 2 });
    expect(await execute(look(), new Finish({ aggregateId: task, seenVersion: 3 }))).toHaveLength(2);
    await expect(execute(look(), new Finish({ aggregateId: task, seenVersion: 3 }))).rejects.toMatchObject({
      seenVersion: 3,
      actualVersion: 5,
    });
  });
});
