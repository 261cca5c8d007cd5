import { describe, expect, test } from "vitest";
import { on } from "#sequent";
import { newId } from "#sequent/operations";
import { handlersOf } from "../../../../src/framework/messages/message-handler.ts";
import { TaskAdded, TaskFinished, TaskRenamed } from "../support/tasks.ts";

const added = TaskAdded.of(newId(), { title: "x" });

describe("on", () => {
  test("takes messages of the class, of each class of a list, and of classes that extend one", () => {
    class LateTaskAdded extends TaskAdded {}
    const one = on(TaskAdded, () => "one");
    const several = on([TaskRenamed, TaskAdded], () => "several");
    const other = on(TaskFinished, () => "other");
    expect(handlersOf([one, several, other], added)).toEqual([one, several]);
    expect(handlersOf([one, several, other], LateTaskAdded.of(newId(), { title: "x" }))).toEqual([
      one,
      several,
    ]);
  });

  test("takes a message once, even if its class is listed twice", () => {
    const twice = on([TaskAdded, TaskAdded], () => undefined);
    expect(handlersOf([twice], added)).toEqual([twice]);
  });

  test("runs the same function for each time it is listed", () => {
    const handle = () => undefined;
    expect(handlersOf([on(TaskAdded, handle), on(TaskAdded, handle)], added)).toHaveLength(2);
  });

  test("finds nothing if no handler takes the message", () => {
    expect(handlersOf([], added)).toEqual([]);
    expect(handlersOf([on(TaskRenamed, () => undefined)], added)).toEqual([]);
  });

  test("refuses an empty list, and an undefined class", () => {
    expect(() => on([], () => undefined)).toThrow("on() needs a message class");
    const missing = undefined as unknown as typeof TaskAdded;
    expect(() => on(missing, () => undefined)).toThrow("import each other in a circle");
    expect(() => on([TaskAdded, missing], () => undefined)).toThrow(TypeError);
  });
});
