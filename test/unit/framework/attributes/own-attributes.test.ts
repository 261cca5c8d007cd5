import { expect, test } from "vitest";
import { type Attribute, atLeast, type CommandNotValid, CreationCommand, list, optional } from "#sequent";
import { NotStorable, Unacceptable } from "#sequent/operations";
import { money, slug } from "../../../fixtures/own-attributes.ts";
import { read } from "../../../support/files.ts";

test("the page shows the code that is tested here", () => {
  expect(read("docs/reference/own-attributes.md")).toContain(read("test/fixtures/own-attributes.ts"));
});

test.each<[string, Attribute<string>, unknown, string]>([
  ["in its own form", slug(), "my-first-post", "my-first-post"],
  ["in another form", slug(), " My  first post ", "my-first-post"],
  ["with a comma", money(), "1234,5", "1234.50"],
  ["without decimals", money(), "-12", "-12.00"],
])("a value is taken %s", (_, attribute, input, value) => {
  expect(attribute.parse(input)).toBe(value);
  expect(attribute.fromJson(attribute.toJson(value))).toBe(value);
});

test.each<[unknown, string]>([
  ["1.234,50", "is not a sum of money, such as 12.50"],
  ["twelve", "is not a sum of money, such as 12.50"],
  [12.5, "is not a sum of money, such as 12.50"],
  [" ", "can't be blank"],
  [["1", "2"], "was sent more than once"],
])("%j is refused: %s", (input, message) => {
  expect(() => money().parse(input)).toThrow(Unacceptable);
  expect(() => money().parse(input)).toThrow(message);
});

test("a value that is not of the type is neither stored nor read", () => {
  expect(() => money().toJson("12.5")).toThrow(NotStorable);
  expect(() => slug().fromJson("My post")).toThrow(
    'expected a short name (letters, digits and hyphens), found "My post"',
  );
});

test("it has rules, and may be in a list or be left out", async () => {
  class AddArticle extends CreationCommand("AddArticle", {
    price: money(atLeast(1)),
    reduced: optional(money()),
    slugs: list(slug()),
  }) {}
  expect(await AddArticle.fromParams({ price: "2", slugs: ["A b", "c"] })).toMatchObject({
    price: "2.00",
    slugs: ["a-b", "c"],
  });
  const asked = AddArticle.fromParams({ price: "0,99", reduced: "cheap", slugs: ["a", "?"] });
  const error = await asked.catch((error: unknown) => error);
  expect((error as CommandNotValid).details).toEqual({
    price: [{ code: "too_small", least: 1 }],
    reduced: [{ code: "not_money", message: "is not a sum of money, such as 12.50" }],
    "slugs[1]": [{ code: "not_valid", message: "is not a short name (letters, digits and hyphens)" }],
  });
});
