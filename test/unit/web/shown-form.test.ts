import { expect, test } from "vitest";
import { Command, optional, secret, string } from "#sequent";
import { attributesOf } from "../../../src/web/attributes-of.ts";
import { form } from "../../../src/web/forms/description.ts";
import { shownForm } from "../../../src/web/forms/shown-form.ts";

class ChangePassword extends Command("ChangePassword", { name: string(), password: optional(secret()) }) {}

const passwordForm = form([ChangePassword], { name: { label: "Name" }, password: { label: "New password" } });
const blank = { status: 200, commandId: "", version: undefined };

test("a secret is a password field, also where the form forgot to say so, and is never sent back", () => {
  const values = { name: "Ada", password: "correct horse" };
  const { fields } = shownForm(passwordForm, { ...blank, values });
  expect(fields).toMatchObject([
    { part: "input", value: "Ada", isRequired: true },
    { part: "input", value: "", isRequired: false, field: { inputType: "password" } },
  ]);
  expect(JSON.stringify(fields)).not.toContain(values.password);
});

test("a form is filled from a row, whose columns have other letters", () => {
  class SetTime extends Command("SetTime", { readingTime: string() }) {}
  const timeForm = form([SetTime], { readingTime: { label: "Reading time" } });
  const values = attributesOf({ aggregate_id: "1", reading_time: 5 });
  expect(shownForm(timeForm, { ...blank, values }).fields).toMatchObject([{ value: "5" }]);
});

test("an error without a field of its own is said above the form", () => {
  const errors = { aggregateId: ["is not an id"], name: ["can't be blank"] };
  const { wrong } = shownForm(passwordForm, { ...blank, values: {}, errors });
  expect(wrong).toEqual([
    { id: undefined, text: "aggregateId is not an id" },
    { id: "name", text: "Name can't be blank" },
  ]);
});
