import { describe, expect, expectTypeOf, test } from "vitest";
import { Command, CreationCommand, Event, string, ValueObject } from "#sequent";
import type { NoneReserved } from "../../../../src/framework/attributes/reserved-names.ts";

type Declare = (type: string, attributes: never) => unknown;

const kinds: [string, Declare, readonly string[]][] = [
  [
    "a command",
    Command,
    [
      "commandId",
      "aggregateId",
      "userId",
      "seenVersion",
      "createdAt",
      "metadata",
      "class",
      "dateBy",
      "inheritMetadata",
      "inheritUser",
      "toJson",
      "asksTheSameAs",
    ],
  ],
  ["a command", CreationCommand, ["commandId", "aggregateId", "createdAt", "toJson"]],
  ["an event", Event, ["aggregateId", "sequenceNumber", "createdAt", "class", "toJson"]],
  ["a value object", (_, attributes) => ValueObject(attributes), ["equals"]],
];

describe.each(kinds)("an attribute of %s", (kind, declare, names) => {
  test.each(names)("cannot be named %s, which it has by itself", (name) => {
    const declaring = () => declare("Bad", { title: string(), [name]: string() } as never);
    expect(declaring).toThrow(
      `An attribute cannot be named "${name}": ${kind} has it by itself. Give the attribute another name.`,
    );
    if (names.length > 1) expect(declaring).toThrow(`Reserved in ${kind} are `);
    for (const other of names) expect(declaring).toThrow(other);
  });

  test.each(["constructor", "toString", "__proto__"])(
    "cannot be named %s, which every object has",
    (name) => {
      expect(() => declare("Bad", { [name]: string() } as never)).toThrow(
        `An attribute cannot be named "${name}": every object of JavaScript has it by itself.`,
      );
    },
  );
});

test("the compiler says which name is reserved, and what to do", () => {
  type Checked = NoneReserved<{ title: "fine"; aggregateId: unknown }, "aggregateId", "a command">;
  expectTypeOf<Checked["title"]>().toEqualTypeOf<"fine">();
  expectTypeOf<
    Checked["aggregateId"]
  >().toEqualTypeOf<`"aggregateId" is reserved: a command has it by itself. Give the attribute another name`>();
});
