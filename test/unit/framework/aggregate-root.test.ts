import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AggregateRoot,
  Event,
  HandlerDecided,
  list,
  newId,
  on,
  string,
} from "../../../src/framework/index.ts";
import { privateState } from "./support/private-state.ts";
import { Task, TaskAdded, TaskAlreadyFinished, TaskFinished, TaskRenamed } from "./support/tasks.ts";

class Noted extends Event("Noted", { text: string(), tags: list(string()) }) {}

describe("an aggregate", () => {
  test("has the id that it was given, and no events", () => {
    const id = newId();
    const task = new Task(id);
    expect([task.id, task.version, task.uncommittedEvents]).toEqual([id, 0, []]);
  });

  test("gives its events its id, the values and the time", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    const [added] = task.uncommittedEvents;
    expect(added).toBeInstanceOf(TaskAdded);
    expect(added).toMatchObject({ aggregateId: task.id, title: "Write", createdAt: expect.any(Date) });
  });

  test("numbers its events from 1 without gaps", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.rename("Read");
    task.finish(3);
    expect(task.uncommittedEvents.map((event) => event.sequenceNumber)).toEqual([1, 2, 3, 4]);
    expect(task.version).toBe(4);
  });

  test("continues the numbers of its history", () => {
    const id = newId();
    const created = { aggregateId: id, createdAt: new Date() };
    const task = new Task(id).loadFromHistory([
      new TaskAdded({ ...created, sequenceNumber: 1, title: "Write" }),
      new TaskRenamed({ ...created, sequenceNumber: 2, title: "Read" }),
    ]);
    expect([task.title, task.version, task.uncommittedEvents]).toEqual(["Read", 2, []]);
    task.rename("Think");
    expect(task.uncommittedEvents.map((event) => event.sequenceNumber)).toEqual([3]);
  });

  test("hands its new events over once", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    expect(task.takeUncommittedEvents()).toHaveLength(2);
    expect(task.takeUncommittedEvents()).toEqual([]);
    expect(task.version).toBe(2);
  });

  test("assigns in its handlers before the method goes on", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.finish(1);
    expect(() => task.finish(2)).toThrow(TaskAlreadyFinished);
    expect(task.version).toBe(3);
  });

  test("says nothing about what was decided when it refuses", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.finish(1);
    task.takeUncommittedEvents();
    expect(() => task.finish(2)).toThrow();
    expect(task.uncommittedEvents).toEqual([]);
  });

  test("needs no handler for an event", () => {
    class Silent extends AggregateRoot {
      static override readonly type = "Silent";
      readonly handlers = [];
      note = () => this.apply(Noted, { text: "x", tags: [] });
    }
    const silent = new Silent(newId());
    silent.note();
    expect(silent.version).toBe(1);
  });

  test("runs every handler that takes an event, in the order in which they are written", () => {
    const heard: string[] = [];
    class Twice extends AggregateRoot {
      static override readonly type = "Twice";
      readonly handlers = [
        on(Noted, () => void heard.push("first")),
        on([Noted, TaskAdded], () => void heard.push("second")),
      ];
      note = () => this.apply(Noted, { text: "x", tags: [] });
    }
    new Twice(newId()).note();
    expect(heard).toEqual(["first", "second"]);
  });

  test("loads a thousand events in well under a millisecond", () => {
    const id = newId();
    const events = Array.from({ length: 1000 }, (_, index) => {
      const envelope = { aggregateId: id, sequenceNumber: index + 1, createdAt: new Date() };
      return index % 2
        ? new TaskRenamed({ ...envelope, title: `${index}` })
        : new TaskFinished({ ...envelope, minutes: 1 });
    });
    const durations = Array.from({ length: 50 }, () => {
      const start = performance.now();
      new Task(id).loadFromHistory(events);
      return performance.now() - start;
    });
    expect(Math.min(...durations)).toBeLessThan(1);
  });
});

describe("applyIfChanged", () => {
  class Note extends AggregateRoot {
    static override readonly type = "Note";
    text?: string;
    tags: readonly string[] = [];
    readonly handlers = [
      on(Noted, ({ text, tags }) => {
        this.text = text;
        this.tags = tags;
      }),
    ];
    write = (text: string, tags: string[]) =>
      this.applyIfChanged(Noted, { text, tags }, { text: this.text, tags: this.tags });
  }

  test("applies where one of the values differs, and only then", () => {
    const note = new Note(newId());
    const versions = (
      [
        ["a", []],
        ["a", []],
        ["a", ["x"]],
        ["a", ["x"]],
        ["b", ["x"]],
      ] as const
    ).map(([text, tags]) => {
      note.write(text, [...tags]);
      return note.version;
    });
    expect(versions).toEqual([1, 1, 2, 2, 3]);
  });

  test("sees that an optional value was taken away", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.setSlug(undefined);
    expect([task.slug, task.version]).toEqual([undefined, 3]);
    task.setSlug("write");
    task.clearSlug();
    expect([task.slug, task.version]).toEqual([undefined, 5]);
  });
});

describe("handlers only assign", () => {
  test("a handler that applies an event is refused", () => {
    class Deciding extends AggregateRoot {
      static override readonly type = "Deciding";
      readonly handlers = [on(TaskAdded, () => this.apply(Noted, { text: "again", tags: [] }))];
      add = () => this.apply(TaskAdded, { title: "x" });
    }
    const deciding = new Deciding(newId());
    expect(() => deciding.add()).toThrow(HandlerDecided);
    expect(() => deciding.loadFromHistory([TaskAdded.of(deciding.id, { title: "x" })])).toThrow(
      expect.objectContaining({ aggregateId: deciding.id, eventType: "Noted" }),
    );
    expect(deciding.uncommittedEvents).toEqual([]);
  });

  test("an async handler is refused, also when it fails later", () => {
    class Waiting extends AggregateRoot {
      static override readonly type = "Waiting";
      readonly handlers = [
        on(TaskAdded, async () => {
          throw new Error("later");
        }),
      ];
      add = () => this.apply(TaskAdded, { title: "x" });
    }
    expect(() => new Waiting(newId()).add()).toThrow("The handler of Waiting for TaskAdded is async");
  });

  const step = fc.oneof(
    fc.record({ call: fc.constant("rename" as const), value: fc.string({ maxLength: 2 }) }),
    fc.record({ call: fc.constant("setSlug" as const), value: fc.option(fc.string(), { nil: undefined }) }),
    fc.record({ call: fc.constant("finish" as const), value: fc.option(fc.nat(), { nil: undefined }) }),
  );

  test("replay gives the same state as deciding did, private fields and all", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(step, { maxLength: 8 }), (title, steps) => {
        const decided = Task.add({ aggregateId: newId(), title });
        for (const { call, value } of steps) {
          try {
            (decided[call] as (value: unknown) => void).call(decided, value);
          } catch (error) {
            if (!(error instanceof TaskAlreadyFinished)) throw error;
          }
        }
        const replayed = new Task(decided.id).loadFromHistory(decided.takeUncommittedEvents());
        expect(privateState(replayed)).toEqual(privateState(decided));
      }),
      { numRuns: 100 },
    );
  });

  test("an aggregate that assigns while it decides is found out", () => {
    class Cheating extends AggregateRoot {
      static override readonly type = "Cheating";
      readonly #notes: string[] = [];
      readonly handlers = [on(TaskAdded, () => {})];
      get notes() {
        return this.#notes;
      }
      add() {
        this.#notes.push("not in any handler");
        this.apply(TaskAdded, { title: "x" });
      }
    }
    const decided = new Cheating(newId());
    decided.add();
    const replayed = new Cheating(decided.id).loadFromHistory(decided.takeUncommittedEvents());
    expect(privateState(replayed)).not.toEqual(privateState(decided));
  });
});
