import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AggregateNotFound,
  AggregateRoot,
  append,
  Command,
  list,
  on,
  optional,
  reference,
  string,
  VersionConflict,
} from "#sequent";
import {
  AggregateAlreadyExists,
  AggregateRepository,
  type BaseAggregate,
  EventTypes,
  InMemoryEventStore,
  newId,
  WrongAggregateType,
} from "#sequent/operations";
import { AddTask, SlugSet, Task, TaskAdded, taskEvents } from "../support/tasks.ts";

class Project extends AggregateRoot("Project", { slugs: list(string()) }) {
  override get uniqueKeys() {
    return { task_slug: this.state.slugs };
  }

  take(...slugs: string[]): this {
    for (const slug of slugs) this.apply(SlugSet, { slug });
    return this;
  }

  readonly handlers = [on(SlugSet, ({ slug = "" }) => ({ slugs: append(slug) }))];
}

let store: InMemoryEventStore;
let repository: AggregateRepository;
const [first, second] = [newId(), newId()].sort() as [string, string];

/** Stores the new events of aggregates in a unit of its own. */
async function stored(...aggregates: BaseAggregate[]): Promise<void> {
  const unit = new AggregateRepository(store);
  for (const aggregate of aggregates) unit.addAggregate(aggregate);
  const command = new AddTask({ title: "x" });
  const commands = [{ command, cause: undefined, events: unit.takeUncommittedEvents() }];
  await store.store(async () => ({ commands, ...unit.changes(), rowChanges: [] }));
}

const task = (aggregateId: string, title = aggregateId) => Task.add({ aggregateId, title });

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  repository = new AggregateRepository(store);
});

describe("addAggregate", () => {
  test("keeps the aggregate, so loading it returns the same object", async () => {
    const added = task(first);
    repository.addAggregate(added);
    expect(await repository.loadAggregate(Task, first)).toBe(added);
  });

  test("accepts the same aggregate twice, but no other one with its id", () => {
    const added = task(first);
    repository.addAggregate(added);
    repository.addAggregate(added);
    expect(() => repository.addAggregate(task(first))).toThrow(AggregateAlreadyExists);
    expect(() => repository.addAggregate(task(first))).toThrow(
      expect.objectContaining({ aggregateIds: [first] }),
    );
  });
});

describe("loadAggregate", () => {
  test("builds the aggregate from its events", async () => {
    await stored(task(first, "Write"));
    const loaded = await repository.loadAggregate(Task, first);
    expect([loaded.id, loaded.state.title, loaded.version]).toEqual([first, "Write", 2]);
  });

  test("returns the same object each time, and asks the store once", async () => {
    await stored(task(first));
    const load = vi.spyOn(store, "load");
    const loaded = await repository.loadAggregate(Task, first);
    expect(await repository.loadAggregate(Task, first)).toBe(loaded);
    expect(await repository.findAggregate(Task, first)).toBe(loaded);
    expect(await repository.loadAggregates(Task, [first])).toEqual([loaded]);
    expect(load).toHaveBeenCalledOnce();
  });

  test("returns the same object to everybody who loads it at the same time", async () => {
    await stored(task(first), task(second));
    const [one, other, [third, fourth]] = await Promise.all([
      repository.loadAggregate(Task, first),
      repository.findAggregate(Task, first),
      repository.loadAggregates(Task, [first, second]),
    ]);
    expect(other).toBe(one);
    expect(third).toBe(one);
    expect(await repository.loadAggregate(Task, second)).toBe(fourth);
  });

  test("fails with the type and the id if there is none", async () => {
    const loading = repository.loadAggregate(Task, first);
    await expect(loading).rejects.toThrow(AggregateNotFound);
    await expect(loading).rejects.toMatchObject({ aggregateType: "Task", aggregateId: first });
  });

  test("fails if it is of another class, in the store or in this unit of work", async () => {
    await stored(task(first));
    const loading = repository.loadAggregate(Project, first);
    await expect(loading).rejects.toThrow(WrongAggregateType);
    await expect(loading).rejects.toMatchObject({
      aggregateId: first,
      actualType: "Task",
      expectedType: "Project",
    });
    repository.addAggregate(task(second));
    await expect(repository.loadAggregate(Project, second)).rejects.toThrow(WrongAggregateType);
  });

  test("accepts a subclass of the class asked for, if this unit of work added it", async () => {
    class BigProject extends Project {
      static override readonly type = "BigProject";
    }
    const big = new BigProject(first);
    repository.addAggregate(big);
    expect(await repository.loadAggregate(Project, first)).toBe(big);
  });
});

describe("loadAggregates", () => {
  test("asks the store once for those that are not loaded, and keeps the order of the ids", async () => {
    await stored(task(first), task(second));
    const loaded = await repository.loadAggregate(Task, second);
    const load = vi.spyOn(store, "load");
    const tasks = await repository.loadAggregates(Task, [second, first]);
    expect(tasks.map(({ id }) => id)).toEqual([second, first]);
    expect(tasks[0]).toBe(loaded);
    expect(load.mock.calls.map(([ids]) => ids)).toEqual([[first]]);
  });

  test("returns each aggregate once, even if its id is repeated", async () => {
    await stored(task(first));
    expect(await repository.loadAggregates(Task, [first, first])).toHaveLength(1);
  });

  test("of no ids returns nothing, and does not ask the store", async () => {
    const load = vi.spyOn(store, "load");
    expect(await repository.loadAggregates(Task, [])).toEqual([]);
    expect(load).not.toHaveBeenCalled();
  });

  test("fails if one of them is missing, or of another class", async () => {
    await stored(task(first), new Project(second).take("a"));
    await expect(repository.loadAggregates(Task, [first, newId()])).rejects.toThrow(AggregateNotFound);
    await expect(repository.loadAggregates(Task, [first, second])).rejects.toThrow(WrongAggregateType);
  });
});

describe("loadAggregateAsOf", () => {
  async function renamedTask(...titles: string[]): Promise<void> {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    await stored(task(first, "Write"));
    for (const title of titles) {
      vi.advanceTimersByTime(2);
      const unit = new AggregateRepository(store);
      (await unit.loadAggregate(Task, first)).rename(title);
      const commands = [
        { command: new AddTask({ title }), cause: undefined, events: unit.takeUncommittedEvents() },
      ];
      await store.store(async () => ({ commands, ...unit.changes(), rowChanges: [] }));
    }
  }

  test("returns the aggregate as it was after a number of events", async () => {
    await renamedTask("Read", "Think");
    for (const [version, title] of [
      [2, "Write"],
      [3, "Read"],
      [4, "Think"],
    ] as const) {
      const past = await repository.loadAggregateAsOf(Task, first, version);
      expect([past.state.title, past.version]).toEqual([title, version]);
    }
  });

  test("returns the aggregate as it was at a time", async () => {
    await renamedTask("Read", "Think");
    const [stream] = await store.load([first]);
    for (const { createdAt, sequenceNumber } of stream?.events.slice(2) ?? []) {
      expect((await repository.loadAggregateAsOf(Task, first, createdAt)).version).toBe(sequenceNumber);
      const before = new Date(createdAt.getTime() - 1);
      expect((await repository.loadAggregateAsOf(Task, first, before)).version).toBe(sequenceNumber - 1);
    }
    expect((await repository.loadAggregateAsOf(Task, first, new Date())).state.title).toBe("Think");
  });

  test("fails if there was none then, or if it never had so many events", async () => {
    await renamedTask();
    for (const moment of [0, -1, 3, 2 ** 40, new Date(0)])
      await expect(repository.loadAggregateAsOf(Task, first, moment)).rejects.toThrow(AggregateNotFound);
    await expect(repository.loadAggregateAsOf(Task, second, 1)).rejects.toThrow(AggregateNotFound);
    await expect(repository.loadAggregateAsOf(Project, first, 1)).rejects.toThrow(WrongAggregateType);
  });

  test("is no part of the unit of work: nothing that is done to it is stored", async () => {
    await renamedTask("Read");
    const now = await repository.loadAggregate(Task, first);
    const past = await repository.loadAggregateAsOf(Task, first, 2);
    past.rename("Another past");
    expect(past).not.toBe(now);
    expect(await repository.loadAggregate(Task, first)).toBe(now);
    expect(repository.takeUncommittedEvents()).toEqual([]);
    expect(repository.changes()).toMatchObject({ newAggregates: [], keyChanges: [] });
  });
});

describe("findAggregate and containsAggregate", () => {
  test("find a stored aggregate and an added one", async () => {
    await stored(task(first));
    repository.addAggregate(task(second));
    for (const id of [first, second]) {
      expect((await repository.findAggregate(Task, id))?.id).toBe(id);
      expect(await repository.containsAggregate(Task, id)).toBe(true);
    }
  });

  test("find nothing if there is nothing", async () => {
    expect(await repository.findAggregate(Task, first)).toBeUndefined();
    expect(await repository.containsAggregate(Task, first)).toBe(false);
  });

  test("do not find an aggregate of another class", async () => {
    await stored(task(first));
    repository.addAggregate(task(second));
    for (const id of [first, second]) {
      expect(await repository.containsAggregate(Project, id)).toBe(false);
      await expect(repository.findAggregate(Project, id)).rejects.toThrow(WrongAggregateType);
    }
  });
});

describe("loadAsSeen", () => {
  test("returns the aggregate itself, without asking the store, for the present version or none", async () => {
    await stored(task(first));
    const loaded = await repository.loadAggregate(Task, first);
    const load = vi.spyOn(store, "load");
    expect(await repository.loadAsSeen(Task, loaded, 2)).toBe(loaded);
    expect(await repository.loadAsSeen(Task, loaded, undefined)).toBe(loaded);
    expect(load).not.toHaveBeenCalled();
  });

  test("returns an earlier version as another object, even if this unit of work has changed the aggregate", async () => {
    await stored(task(first, "write"));
    const loaded = await repository.loadAggregate(Task, first);
    loaded.rename("read");
    const seen = await repository.loadAsSeen(Task, loaded, 2);
    expect([seen.version, seen.state.title, loaded.version, loaded.state.title]).toEqual([
      2,
      "write",
      3,
      "read",
    ]);
    expect(await repository.loadAsSeen(Task, loaded, 3)).toBe(loaded);
  });

  test.each([0, -1, 99, Number.MAX_SAFE_INTEGER])(
    "returns an aggregate without events for version %s",
    async (version) => {
      await stored(task(first, "write"));
      const seen = await repository.loadAsSeen(Task, await repository.loadAggregate(Task, first), version);
      expect([seen.id, seen.version, seen.state.title]).toEqual([first, 0, undefined]);
    },
  );
});

describe("findByUniqueKey", () => {
  test("finds the aggregate that has the key, and only in its scope", async () => {
    await stored(task(first, "write"));
    expect((await repository.findByUniqueKey(Task, "task_slug", "write"))?.id).toBe(first);
    expect(await repository.findByUniqueKey(Task, "other_scope", "write")).toBeUndefined();
    expect(await repository.findByUniqueKey(Task, "task_slug", "read")).toBeUndefined();
  });

  test("finds the aggregate that took the key in this unit of work, and not the one that freed it", async () => {
    await stored(task(first, "write"));
    const loaded = await repository.loadAggregate(Task, first);
    loaded.setSlug("read");
    expect(await repository.findByUniqueKey(Task, "task_slug", "read")).toBe(loaded);
    expect(await repository.findByUniqueKey(Task, "task_slug", "write")).toBeUndefined();
  });

  test("fails if an aggregate of another class has the key", async () => {
    await stored(new Project(first).take("write"));
    await expect(repository.findByUniqueKey(Task, "task_slug", "write")).rejects.toThrow(WrongAggregateType);
  });
});

describe("requireReferences", () => {
  class Assign extends Command("Assign", {
    task: reference("Task"),
    project: optional(reference("Project")),
  }) {}
  const assign = (project?: string) =>
    new Assign({ aggregateId: second, task: first, ...(project !== undefined && { project }) });

  test("notes what must exist when the unit is stored, and does not ask the store", () => {
    const load = vi.spyOn(store, "load");
    repository.requireReferences(assign());
    expect(repository.changes().required).toEqual([{ aggregateType: "Task", aggregateId: first }]);
    expect(load).not.toHaveBeenCalled();
  });

  test("notes each type that one id must have", () => {
    repository.requireReferences(assign(first));
    expect(repository.changes().required).toEqual([
      { aggregateType: "Task", aggregateId: first },
      { aggregateType: "Project", aggregateId: first },
    ]);
  });

  test("also notes a loaded aggregate, because somebody may close it", async () => {
    await stored(task(first));
    await repository.loadAggregate(Task, first);
    repository.requireReferences(assign());
    expect(repository.changes().required).toEqual([{ aggregateType: "Task", aggregateId: first }]);
  });

  test("accepts a new aggregate of this unit of work, if it has the type", () => {
    repository.addAggregate(task(first));
    repository.requireReferences(assign());
    expect(repository.changes().required).toEqual([]);
    expect(() => repository.requireReferences(assign(first))).toThrow(AggregateNotFound);
  });
});

describe("expectSeenVersion", () => {
  test("refuses an aggregate that has changed, and names both versions", async () => {
    await stored(task(first));
    repository.expectSeenVersion(first, 1);
    const loading = repository.loadAggregate(Task, first);
    await expect(loading).rejects.toThrow(VersionConflict);
    await expect(loading).rejects.toMatchObject({
      aggregateId: first,
      seenVersion: 1,
      actualVersion: 2,
    });
  });

  test("compares with the version in the store, not with the new events of this unit of work", async () => {
    await stored(task(first));
    const loaded = await repository.loadAggregate(Task, first);
    loaded.rename("x");
    repository.expectSeenVersion(first, 2);
    expect(await repository.loadAggregate(Task, first)).toBe(loaded);
    repository.expectSeenVersion(first, 3);
    await expect(repository.loadAggregate(Task, first)).rejects.toThrow(VersionConflict);
  });

  test("does not affect other aggregates, and has no effect once it is taken back", async () => {
    await stored(task(first), task(second));
    repository.expectSeenVersion(first, 1);
    await repository.loadAggregate(Task, second);
    repository.expectSeenVersion(first, undefined);
    await repository.loadAggregate(Task, first);
  });
});

describe("what a unit of work reports at its end", () => {
  test("events come once, aggregate by aggregate, in the order in which these were loaded", async () => {
    await stored(task(first), task(second));
    const [two, one] = await repository.loadAggregates(Task, [second, first]);
    one?.rename("a");
    two?.rename("b");
    one?.rename("c");
    const events = repository.takeUncommittedEvents();
    expect(events.map(({ aggregateId, sequenceNumber }) => [aggregateId, sequenceNumber])).toEqual([
      [second, 3],
      [first, 3],
      [first, 4],
    ]);
    expect(repository.takeUncommittedEvents()).toEqual([]);
  });

  test("new aggregates are those that were added and have events", async () => {
    await stored(task(first));
    await repository.loadAggregate(Task, first);
    repository.addAggregate(task(second));
    repository.addAggregate(new Task(newId()));
    expect(repository.changes().newAggregates).toEqual([{ aggregateId: second, aggregateType: "Task" }]);
  });

  test("keys are taken and freed if they differ from the loaded ones", async () => {
    await stored(task(first, "a"), task(second, "b"));
    const [one, two] = await repository.loadAggregates(Task, [first, second]);
    one?.setSlug("c");
    two?.setSlug("x");
    two?.setSlug("b");
    expect(repository.changes().keyChanges).toEqual([
      { scope: "task_slug", key: "a", aggregateId: first, taken: false },
      { scope: "task_slug", key: "c", aggregateId: first, taken: true },
    ]);
  });

  test("a key that an aggregate names twice is taken once, whatever its characters", () => {
    const odd = 'quote " and , and null';
    repository.addAggregate(new Project(first).take(odd, odd));
    expect(repository.changes().keyChanges).toEqual([
      { scope: "task_slug", key: odd, aggregateId: first, taken: true },
    ]);
  });

  test("an aggregate without events takes no keys", () => {
    class Reserved extends Project {
      override get uniqueKeys() {
        return { task_slug: ["reserved"] };
      }
    }
    repository.addAggregate(new Reserved(first));
    expect(repository.changes().keyChanges).toEqual([]);
  });

  test("stored events are read as events of their class", async () => {
    await stored(task(first));
    const [stream] = await store.load([first]);
    expect(stream?.events[0]).toBeInstanceOf(TaskAdded);
  });
});
