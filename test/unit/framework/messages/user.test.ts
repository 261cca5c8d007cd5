import { expect, test } from "vitest";
import { actsFor } from "#sequent";
import { newId } from "#sequent/operations";

const ann = newId();

test.each([
  ["that person", ann, true],
  ["another person", newId(), false],
  ["nobody", undefined, false],
  ["a program", "program:npm run seed", true],
  ["a workflow", "workflow:WelcomeWorkflow", true],
  ["a program without a name", "program:", false],
  ["an empty text", "", false],
  ["a text that only contains a program", `${newId()} program:x`, false],
])("%s acts for a person: %s", (_who, userId, expected) => {
  expect(actsFor(userId, ann)).toBe(expected);
});

test("only programs act for an account that is not known", () => {
  expect([undefined, "", ann].map((userId) => actsFor(userId, undefined))).toEqual([false, false, false]);
  expect(actsFor("program:npm run seed", null)).toBe(true);
});
