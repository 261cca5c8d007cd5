import { expect, test } from "vitest";
import { Command, list, object, optional, secret, string, ValueObject } from "#sequent";
import { attributesOf } from "../../../../src/projections/names.ts";
import { readable } from "../../../../src/web/forms/conflict.ts";
import { form, known } from "../../../../src/web/forms/description.ts";
import { shownForm } from "../../../../src/web/forms/shown-form.ts";
import { cpuTime } from "../../../support/cpu.ts";

class ChangePassword extends Command("ChangePassword", { name: string(), password: optional(secret()) }) {}

const passwordForm = form([ChangePassword], { name: { label: "Name" }, password: { label: "New password" } });
const blank = { status: 200, commandId: "", seenVersion: undefined };

test("a secret is a password field, even if the form forgot to say so, and is never sent back", () => {
  const values = { name: "Ada", password: "correct horse" };
  const { fields } = shownForm(passwordForm, { ...blank, values });
  expect(fields).toMatchObject([
    { part: "input", value: "Ada", isRequired: true },
    { part: "input", value: "", isRequired: false, field: { inputType: "password" } },
  ]);
  expect(JSON.stringify(fields)).not.toContain(values.password);
});

test("a form is filled from a row, whose columns are in snake_case", () => {
  class SetTime extends Command("SetTime", { readingTime: string() }) {}
  const timeForm = form([SetTime], { readingTime: { label: "Reading time" } });
  const values = attributesOf({ aggregate_id: "1", reading_time: 5 });
  expect(shownForm(timeForm, { ...blank, values }).fields).toMatchObject([{ value: "5" }]);
});

test("an error without a field is shown above the form", () => {
  const errors = { aggregateId: ["is not an id"], name: ["can't be blank"] };
  const { wrong } = shownForm(passwordForm, { ...blank, values: {}, errors });
  expect(wrong).toEqual([
    { id: undefined, text: "aggregateId is not an id" },
    { id: "name", text: "Name can't be blank" },
  ]);
});

test("a long list with an error in every row is shown in little time", () => {
  class Line extends ValueObject({ what: string() }) {}
  class Claim extends Command("Claim", { lines: list(object(Line)) }) {}
  const lines = { label: "Lines", each: { label: "Line", fields: { what: { label: "What" } } } };
  const values = { lines: Array.from({ length: 4_000 }, () => ({ what: " " })) };
  const errors = Object.fromEntries(values.lines.map((_, row) => [`lines[${row}].what`, ["is blank"]]));
  const started = cpuTime();
  const { wrong } = shownForm(form([Claim], { lines }), { ...blank, values, errors });
  expect(cpuTime() - started).toBeLessThan(1_000);
  expect(wrong[3_999]?.id).toBe("lines-3999-what");
});

test("an option that stands for no choice is read as it is, even if it is the name of something else", () => {
  const colour = { label: "Colour", options: { red: "Red" } };
  expect(readable(colour, "red")).toBe("Red");
  expect(readable(colour, "constructor")).toBe("constructor");
});

test.each(["seenVersion", "intent"])(
  "a field cannot have the name of a field that each form has by itself: %s",
  (name) => {
    const command = { attributes: { [name]: string() } };
    expect(() => form([command], { [name]: { label: "Edition" } })).toThrow(
      `A field of a form cannot be named "${name}": each form has it by itself. Give the attribute of the command another name.`,
    );
    expect(() => form([command], { [name]: known })).not.toThrow();
  },
);
