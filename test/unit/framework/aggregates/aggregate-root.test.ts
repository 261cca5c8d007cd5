import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AggregateRoot, append, type BaseEvent, Event, integer, list, on, optional, string } from "#sequent";
import { HandlerMistake, newId } from "#sequent/operations";
import { SpecTime } from "../../../../src/framework/testing/spec-time.ts";
import { Task, TaskAdded, TaskAlreadyFinished, TaskFinished, TaskRenamed } from "../support/tasks.ts";

class Noted extends Event("Noted", { text: string(), tags: list(string()) }) {}

describe("an aggregate", () => {
  test("has the id that it got, and no events", () => {
    const id = newId();
    const task = new Task(id);
    expect([task.id, task.version, task.uncommittedEvents]).toEqual([id, 0, []]);
  });

  test("gives its events the id, the values and the time", () => {
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
    expect([task.state.title, task.version, task.uncommittedEvents]).toEqual(["Read", 2, []]);
    task.rename("Think");
    expect(task.uncommittedEvents.map((event) => event.sequenceNumber)).toEqual([3]);
  });

  test("hands over its new events once", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    expect(task.takeUncommittedEvents()).toHaveLength(2);
    expect(task.takeUncommittedEvents()).toEqual([]);
    expect(task.version).toBe(2);
  });

  test("knows what changed before the method continues", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.finish(1);
    expect(() => task.finish(2)).toThrow(TaskAlreadyFinished);
    expect(task.version).toBe(3);
  });

  test("has no new events of a method that refuses", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.finish(1);
    task.takeUncommittedEvents();
    expect(() => task.finish(2)).toThrow();
    expect(task.uncommittedEvents).toEqual([]);
  });

  test("needs no handler for an event", () => {
    class Silent extends AggregateRoot("Silent") {
      readonly handlers = [];
      note = () => this.apply(Noted, { text: "x", tags: [] });
    }
    const silent = new Silent(newId());
    silent.note();
    expect(silent.version).toBe(1);
  });

  test("runs every handler of an event, in the order in which they are written", () => {
    const heard: string[] = [];
    class Twice extends AggregateRoot("Twice") {
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

describe("the state", () => {
  class Note extends AggregateRoot("Note", { text: optional(string()), tags: list(string()) }) {
    readonly handlers = [on(Noted, ({ text, tags }) => ({ text, tags: append(...tags) }))];
    note = (text: string, ...tags: string[]) => this.apply(Noted, { text, tags });
  }

  test("is what the handlers returned; before that, lists are empty and other values are undefined", () => {
    const note = new Note(newId());
    expect(note.state).toStrictEqual({ text: undefined, tags: [] });
    note.note("a", "x", "y");
    expect(note.state).toStrictEqual({ text: "a", tags: ["x", "y"] });
  });

  test("keeps the values that a handler does not return", () => {
    class Kept extends AggregateRoot("Kept", { title: string(), text: string() }) {
      readonly handlers = [
        on(TaskAdded, ({ title }) => ({ title })),
        on(Noted, ({ text }) => ({ text })),
        on(TaskFinished, () => {}),
      ];
    }
    const id = newId();
    const events = [
      TaskAdded.of(id, { title: "t" }),
      Noted.of(id, { text: "n", tags: [] }),
      TaskFinished.of(id),
    ];
    expect(new Kept(id).loadFromHistory(new SpecTime().happened(events)).state).toEqual({
      title: "t",
      text: "n",
    });
  });

  test("cannot be changed from outside or by a method, nor can a list in it", () => {
    const note = new Note(newId());
    note.note("a", "x");
    const state = note.state as { text: string; tags: string[]; more?: string };
    expect(() => (state.text = "b")).toThrow(TypeError);
    expect(() => (state.more = "b")).toThrow(TypeError);
    expect(() => (state.tags = [])).toThrow(TypeError);
    expect(() => state.tags.push("y")).toThrow(TypeError);
    expect(note.state).toEqual({ text: "a", tags: ["x"] });
  });

  test("that was read before does not change", () => {
    const note = new Note(newId());
    const states = [note.state];
    for (const tag of ["x", "y", "z"]) {
      note.note(tag, tag);
      states.push(note.state);
    }
    expect(states.map(({ tags }) => tags)).toEqual([[], ["x"], ["x", "y"], ["x", "y", "z"]]);
    expect(note.state).toBe(note.state);
    expect(note.state.tags).toBe(note.state.tags);
  });

  test("has lists that can be appended to after they were replaced, and the other way round", () => {
    class Tags extends AggregateRoot("Tags", { tags: list(string()) }) {
      readonly handlers = [
        on(Noted, ({ tags }) => ({ tags: append(...tags) })),
        on(TaskRenamed, ({ title }) => ({ tags: [title] })),
        on(TaskAdded, ({ title }) => ({ tags: [...this.state.tags, title] })),
      ];
    }
    const id = newId();
    const note = (...tags: string[]) => Noted.of(id, { text: "", tags });
    const events = [
      note("a"),
      TaskRenamed.of(id, { title: "b" }),
      note("c", "d"),
      TaskAdded.of(id, { title: "e" }),
    ];
    const tags = new Tags(id).loadFromHistory(new SpecTime().happened([...events, note(), note("f")]));
    expect(tags.state.tags).toEqual(["b", "c", "d", "e", "f"]);
    expect(() => (tags.state.tags as string[]).push("g")).toThrow(TypeError);
  });

  test("with a growing list costs no more for each event when the list is ten times as long", () => {
    class Log extends AggregateRoot("Log", { lines: list(string()), length: optional(integer()) }) {
      readonly handlers = [
        on(Noted, ({ text }) => ({ lines: append(text), length: (this.state.length ?? 0) + text.length })),
      ];
    }
    const events = new SpecTime().happened(
      Array.from({ length: 20_000 }, () => Noted.of("log", { text: "line", tags: [] })),
    );
    const timeOf = (history: readonly BaseEvent[], times: number) => {
      const durations = Array.from({ length: 5 }, () => {
        const start = performance.now();
        for (let time = 0; time < times; time += 1)
          expect(new Log("log").loadFromHistory(history).state.lines).toHaveLength(history.length);
        return performance.now() - start;
      });
      return Math.min(...durations);
    };
    const [short, long] = [timeOf(events.slice(0, 2_000), 10), timeOf(events, 1)]; // as many events
    expect(long / short).toBeLessThan(4); // to copy the list each time makes it nine times and more
  });
});

describe("what is declared", () => {
  test("has the saved name of the aggregate", () => {
    for (const nameless of [undefined, ""])
      expect(() => AggregateRoot(nameless as string, {})).toThrow(
        'An aggregate needs a saved name. Write: class Post extends AggregateRoot("Post", { … })',
      );
  });

  test("cannot have an attribute that every object has", () => {
    expect(() => AggregateRoot("Post", { constructor: string() } as Record<never, never>)).toThrow(
      'An attribute cannot be named "constructor": ',
    );
  });
});

describe("applyIfChanged", () => {
  class Note extends AggregateRoot("Note", { text: string(), tags: list(string()) }) {
    readonly handlers = [on(Noted, ({ text, tags }) => ({ text, tags }))];
    write = (text: string, tags: string[]) => this.applyIfChanged(Noted, { text, tags });
  }

  test("applies the event only if one of the values differs", () => {
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

  test("is refused if no handler keeps the value to compare with", () => {
    class Forgetful extends AggregateRoot("Forgetful", { text: string(), tags: list(string()) }) {
      readonly handlers = [on(Noted, ({ text }) => ({ text: text.trim(), tags: [] }))];
      write = (text: string, tags: string[]) => this.applyIfChanged(Noted, { text, tags });
    }
    const write = (text: string, tags: string[]) => () => new Forgetful(newId()).write(text, tags);
    expect(write("a", [])).not.toThrow();
    expect(write("a", ["x"])).toThrow(HandlerMistake);
    expect(write("a", ["x"])).toThrow(
      'No handler of Forgetful returns "tags" as Noted has it, so applyIfChanged would apply it each time. Add to its handlers: on(Noted, ({ tags }) => ({ tags })).',
    );
    expect(write(" a", [])).toThrow('"text"');
  });

  test("notices that an optional value was removed", () => {
    const task = Task.add({ aggregateId: newId(), title: "Write" });
    task.setSlug(undefined);
    expect([task.state.slug, task.version]).toEqual([undefined, 3]);
    task.setSlug("write");
    task.clearSlug();
    expect([task.state.slug, task.version]).toEqual([undefined, 5]);
  });
});

describe("a handler says what changes, and", () => {
  /** An aggregate whose handler returns something that the compiler would refuse. */
  function returning(returned: unknown) {
    class Wrong extends AggregateRoot("Wrong", {
      title: string(),
      tags: list(string()),
      note: optional(string()),
    }) {
      readonly handlers = [on(TaskAdded, () => returned as object as { title: string })];
      add = () => this.apply(TaskAdded, { title: "x" });
    }
    return new Wrong(newId());
  }

  test("decides nothing: a handler that applies an event is refused", () => {
    class Deciding extends AggregateRoot("Deciding") {
      readonly handlers = [on(TaskAdded, () => this.apply(Noted, { text: "again", tags: [] }))];
      add = () => this.apply(TaskAdded, { title: "x" });
    }
    const deciding = new Deciding(newId());
    expect(() => deciding.add()).toThrow(
      "A handler of Deciding applied Noted. Handlers only say what changes",
    );
    expect(() => deciding.loadFromHistory([TaskAdded.of(deciding.id, { title: "x" })])).toThrow(
      expect.objectContaining({ aggregateId: deciding.id, eventType: "Noted" }),
    );
    expect(deciding.uncommittedEvents).toEqual([]);
  });

  test("has no rules: a handler that throws is refused, because a fact cannot be refused any more", () => {
    class Ruling extends AggregateRoot("Ruling", { title: optional(string()) }) {
      readonly handlers = [
        on(TaskAdded, ({ title }) => {
          if (this.state.title !== undefined) throw new RangeError("only once");
          return { title };
        }),
      ];
      add = () => this.apply(TaskAdded, { title: "x" });
    }
    const ruling = new Ruling(newId());
    ruling.add();
    expect(() => ruling.add()).toThrow(HandlerMistake);
    expect(() => ruling.add()).toThrow(
      "The handler of Ruling for TaskAdded threw RangeError. Handlers only say what changes; check rules in the method, before apply.",
    );
    expect(ruling.uncommittedEvents).toHaveLength(1);
  });

  test("waits for nothing: an async handler is refused, even if it fails later", () => {
    const waiting = returning(Promise.reject(new Error("later")));
    expect(() => waiting.add()).toThrow(
      'The handler of Wrong for TaskAdded is async. Nobody waits for a handler: return what changes, without "async" and "await".',
    );
  });

  test("returns only declared names, when it decides and when it is loaded", () => {
    const wrong = returning({ title: "x", titel: "x" });
    const message =
      'The handler of Wrong for TaskAdded returns "titel", which its state does not have. Correct the name, or declare it: AggregateRoot(…, { titel: … }).';
    expect(() => wrong.add()).toThrow(message);
    expect(() => wrong.loadFromHistory([TaskAdded.of(wrong.id, { title: "x" })])).toThrow(message);
    expect(() => wrong.add()).toThrow(HandlerMistake);
    expect([wrong.state.title, wrong.version, wrong.uncommittedEvents]).toEqual([undefined, 0, []]);
  });

  test.each([
    [{ title: 5 }, "title", "not a string"],
    [{ title: undefined }, "title", "not a string"],
    [{ note: null }, "note", "not a string"],
    [{ tags: "x" }, "tags", "not a list"],
    [{ tags: [5] }, "tags", "not a string"],
    [{ tags: append<unknown>("a", 5) }, "tags", "not a string"],
    [{ title: append("a") }, "title", "appended to, but no list"],
  ])("returns only values of the declared types: %j", (returned, name, why) => {
    const wrong = returning(returned);
    expect(() => wrong.add()).toThrow(
      `The handler of Wrong for TaskAdded returns a value for "${name}" that is ${why}. Return what is declared`,
    );
    expect(wrong.state).toEqual({ tags: [] });
  });

  test.each([
    ["x", "a string"],
    [5, "a number"],
    [null, "null"],
    [() => {}, "a function"],
  ])("returns an object or nothing: %o", (returned, what) => {
    expect(() => returning(returned).add()).toThrow(
      `The handler of Wrong for TaskAdded returns ${what}. Return an object with what changes, such as { title }, or nothing.`,
    );
  });

  const step = fc.oneof(
    fc.record({ call: fc.constant("rename" as const), value: fc.string({ maxLength: 2 }) }),
    fc.record({ call: fc.constant("setSlug" as const), value: fc.option(fc.string(), { nil: undefined }) }),
    fc.record({ call: fc.constant("finish" as const), value: fc.option(fc.nat(), { nil: undefined }) }),
  );

  test("leads to the same state when it is loaded as when it decided", () => {
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
        expect(replayed.state).toStrictEqual(decided.state);
      }),
      { numRuns: 100 },
    );
  });
});
