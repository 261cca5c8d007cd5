import { expect, test } from "vitest";
import { Words } from "../../../tools/words.ts";

test.each(["BookTip", "bookTip", "book-tip", "book_tip", "book tip"])("%s is a name of two words", (name) => {
  const { pascal, camel, kebab, snake, text } = new Words(name);
  expect([pascal, camel, kebab, snake, text]).toEqual([
    "BookTip",
    "bookTip",
    "book-tip",
    "book_tip",
    "book tip",
  ]);
});

test.each([
  ["URLEntry", "url-entry"],
  ["EntryURL", "entry-url"],
  ["Line2", "line2"],
])("%s is written %s in the name of a file", (name, kebab) => {
  expect(new Words(name).kebab).toBe(kebab);
});

test.each([
  ["Post", "Posts"],
  ["Category", "Categories"],
  ["Day", "Days"],
  ["Address", "Addresses"],
  ["Box", "Boxes"],
  ["BookTip", "BookTips"],
])("the plural of %s is %s", (name, plural) => {
  expect(new Words(name).plural.pascal).toBe(plural);
});

test("an irregular plural is given", () => {
  expect(new Words("Person", "People").plural.kebab).toBe("people");
});
