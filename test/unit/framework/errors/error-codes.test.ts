import { describe, expect, test } from "vitest";
import {
  atLeast,
  atMost,
  boolean,
  CommandNotValid,
  CreationCommand,
  date,
  decimal,
  email,
  integer,
  list,
  matches,
  maxBytes,
  maxLength,
  minLength,
  notBlank,
  object,
  oneOf,
  type Rule,
  sealSecret,
  secret,
  string,
  time,
  uuid,
  ValueObject,
  visible,
} from "#sequent";
import { type Attributes, type MessageCode, type Messages, messagesIn } from "#sequent/operations";

async function refused(attributes: Attributes, params: object): Promise<CommandNotValid> {
  class Ask extends CreationCommand("Ask", attributes) {}
  return Ask.fromParams(params).then(
    () => expect.unreachable("it was taken"),
    (error) => error,
  );
}

const isbn: Rule = (chain) => chain.isISBN().withMessage({ code: "no_isbn", message: "is no ISBN" });
const uncoded: Rule = (chain) => chain.isISBN().withMessage("is no ISBN");
const unknown: Rule = (chain) => chain.isISBN().withMessage({ code: "no_isbn" });

const said: [Attributes[string], unknown, { code: string; [name: string]: unknown }, string][] = [
  [string(notBlank), " ", { code: "blank" }, "can't be blank"],
  [integer(), "", { code: "blank" }, "can't be blank"],
  [string(), undefined, { code: "blank" }, "can't be blank"],
  [integer(), ["1", "2"], { code: "sent_twice" }, "was sent more than once"],
  [string(), "\0", { code: "unstorable" }, "contains characters that cannot be stored"],
  [string(visible), "\u202e", { code: "invisible" }, "contains invisible characters"],
  [string(maxLength(3)), "four", { code: "too_long", most: 3 }, "is too long (at most 3 characters)"],
  [string(minLength(3)), "ab", { code: "too_short", least: 3 }, "is too short (at least 3 characters)"],
  [
    string(maxBytes(1024)),
    "é".repeat(600),
    { code: "too_many_bytes", most: 1024 },
    "is too long (at most 1 KB)",
  ],
  [integer(atLeast(1)), "0", { code: "too_small", least: 1 }, "must be at least 1"],
  [integer(atMost(1)), "2", { code: "too_large", most: 1 }, "must be at most 1"],
  [string(), 5, { code: "not_a_text" }, "is not a text"],
  [integer(), "x", { code: "not_a_whole_number" }, "is not a whole number"],
  [decimal(), "x", { code: "not_a_number" }, "is not a number"],
  [boolean(), "x", { code: "not_a_boolean" }, "is not yes or no"],
  [date(), "2026-02-30", { code: "not_a_date" }, "is not a day of the calendar (YYYY-MM-DD)"],
  [time(), "noon", { code: "not_a_time" }, "is not a time (ISO 8601, with a time zone)"],
  [uuid(), "x", { code: "not_an_id" }, "is not an id"],
  [oneOf("a", "b"), "c", { code: "not_one_of", words: "a, b" }, "is not one of a, b"],
  [email(), "x", { code: "not_an_email" }, "is not an e-mail address"],
  [email(), '"x"@example.com', { code: "quoted_email" }, "must be written without quotation marks"],
  [secret(), await sealSecret("x"), { code: "sealed" }, "is sealed already"],
  [string(isbn), "x", { code: "no_isbn", message: "is no ISBN" }, "is no ISBN"],
  [string(uncoded), "x", { code: "not_valid", message: "is no ISBN" }, "is no ISBN"],
  [string(unknown), "x", { code: "no_isbn" }, "is not valid"],
  [
    string(matches(/^x/, "must begin with x")),
    "y",
    { code: "not_valid", message: "must begin with x" },
    "must begin with x",
  ],
  [string(matches(/^x/, { code: "no_x" })), "y", { code: "no_x" }, "is not valid"],
];

describe("an invalid value", () => {
  test.each(said)("has a code next to its message (%#)", async (attribute, value, detail, message) => {
    const error = await refused({ value: attribute }, { value });
    expect(error.details).toEqual({ value: [detail] });
    expect(error.errors).toEqual({ value: [message] });
  });

  test("has a code for each message, in the same order and at the same path", async () => {
    class Line extends ValueObject({ code: string(notBlank), pieces: integer(atLeast(1)) }) {}
    const attributes = {
      title: string(minLength(5), matches(/^x/, "must begin with x"), maxLength(1)),
      lines: list(object(Line)),
    };
    const error = await refused(attributes, {
      title: "abc",
      lines: [
        { code: "a", pieces: "0" },
        { code: " ", pieces: "x" },
      ],
    });
    expect(error.details).toEqual({
      title: [
        { code: "too_short", least: 5 },
        { code: "not_valid", message: "must begin with x" },
        { code: "too_long", most: 1 },
      ],
      "lines[0].pieces": [{ code: "too_small", least: 1 }],
      "lines[1].code": [{ code: "blank" }],
      "lines[1].pieces": [{ code: "not_a_whole_number" }],
    });
    expect(messagesIn(error.details)).toEqual(error.errors);
  });

  test("also has a code if it does not come from a form", async () => {
    class Ask extends CreationCommand("Ask") {}
    const error = await Ask.fromParams({}, { commandId: "x" }).catch((error) => error);
    expect(error.details).toEqual({ commandId: [{ code: "not_valid", message: "is not an id" }] });
    const own = new CommandNotValid("Ask", { name: ["is taken", { code: "too_long", most: 3 }] }, {});
    expect(own.errors).toEqual({ name: ["is taken", "is too long (at most 3 characters)"] });
    expect(own.details["name"]?.map(({ code }) => code)).toEqual(["not_valid", "too_long"]);
  });

  test("can be reported in another language, and in English if that language has no text", () => {
    const german = {
      blank: "muss ausgefüllt werden",
      too_long: ({ most }) => `hat mehr als ${most} Zeichen`,
      no_isbn: "ist keine ISBN",
      not_valid: "stimmt nicht",
    } satisfies Messages;
    const details = {
      title: [{ code: "blank" }, { code: "too_long", most: 120 }, { code: "too_short", least: 3 }],
      book: [
        { code: "no_isbn", message: "is no ISBN" },
        { code: "not_valid" },
        { code: "not_valid", message: "is odd" },
      ],
    };
    expect(messagesIn(details, german)).toEqual({
      title: ["muss ausgefüllt werden", "hat mehr als 120 Zeichen", "is too short (at least 3 characters)"],
      book: ["ist keine ISBN", "stimmt nicht", "is odd"],
    });
  });

  test("has only codes that a complete table must have", () => {
    const codes: Record<MessageCode, true> = {
      ...{
        not_valid: true,
        blank: true,
        sent_twice: true,
        unstorable: true,
        invisible: true,
        too_long: true,
      },
      ...{ too_short: true, too_many_bytes: true, too_small: true, too_large: true, not_a_text: true },
      ...{ not_a_whole_number: true, not_a_number: true, not_a_boolean: true, not_a_date: true },
      ...{
        not_a_time: true,
        not_an_id: true,
        not_one_of: true,
        not_an_email: true,
        quoted_email: true,
        sealed: true,
      },
    };
    const met = said.map(([, , { code }]) => code).filter((code) => !["no_isbn", "no_x"].includes(code));
    expect([...new Set(met)].sort()).toEqual(Object.keys(codes).sort());
  });
});
