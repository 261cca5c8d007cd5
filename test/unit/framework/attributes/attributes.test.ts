import { describe, expect, test } from "vitest";
import {
  type Attribute,
  boolean,
  calendarDate,
  date,
  decimal,
  email,
  integer,
  list,
  notBlank,
  object,
  oneOf,
  optional,
  string,
  text,
  time,
  uuid,
  ValueObject,
} from "#sequent";
import { type Json, NotStorable, Unacceptable } from "#sequent/operations";

class Address extends ValueObject({ street: string(notBlank), number: integer() }) {}

const id = "0199e4a8-7a35-7c34-8d3f-6f1f3a0b9c11";

function errorsOf(attribute: Attribute<unknown>, input: unknown) {
  try {
    attribute.parse(input);
  } catch (error) {
    if (error instanceof Unacceptable) return error.errors;
    throw error;
  }
  return undefined;
}

function messageOf(attribute: Attribute<unknown>, input: unknown): string | undefined {
  return errorsOf(attribute, input)?.[""]?.join(", ");
}

function stored<Value>(attribute: Attribute<Value>, value: Value): Json {
  return JSON.parse(JSON.stringify(attribute.toJson(value)));
}

describe("what a form sends is parsed", () => {
  test.each<[string, Attribute<unknown>, unknown, unknown]>([
    ["a string is trimmed", string(), "  Hello  ", "Hello"],
    ["a string may be empty if no rule forbids it", string(), "", ""],
    ["a string is composed (NFC)", string(), "Zoe\u0308", "Zo\u00eb"],
    ["a text keeps its white space", text(), "  one\n\ttwo  ", "  one\n\ttwo  "],
    ["a text is composed (NFC)", text(), "Zoe\u0308", "Zo\u00eb"],
    ["the lines of a text end with \\n", text(), "one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["an integer", integer(), " 42 ", 42],
    ["an integer with a sign", integer(), "+7", 7],
    ["an integer of JSON", integer(), -3, -3],
    ["an integer is never -0", integer(), "-0", 0],
    ["the largest integer", integer(), "9007199254740991", Number.MAX_SAFE_INTEGER],
    ["a decimal keeps its zeros", decimal(), " 1234.50 ", "1234.50"],
    ["a decimal loses leading zeros and plus", decimal(), "+007.5", "7.5"],
    ["a decimal is never -0", decimal(), "-0.00", "0.00"],
    ["a decimal of JSON", decimal(), 0.1, "0.1"],
    ["true in words", boolean(), "true", true],
    ["a ticked box", boolean(), "on", true],
    ["yes", boolean(), " YES ", true],
    ["1", boolean(), "1", true],
    ["false in words", boolean(), "false", false],
    ["0", boolean(), "0", false],
    ["a boolean of JSON", boolean(), false, false],
    ["a day", date(), " 2028-02-29 ", "2028-02-29"],
    ["a time", time(), "2026-11-20T10:30Z", new Date("2026-11-20T10:30:00.000Z")],
    ["a time of another zone", time(), "2026-11-20T10:30:00.123+02:00", new Date("2026-11-20T08:30:00.123Z")],
    ["one of several words", oneOf("draft", "published"), " draft ", "draft"],
    ["an id", uuid(), ` ${id} `, id],
    ["an e-mail address", email(), " Ben@Example.COM ", "Ben@example.com"],
    ["an e-mail domain in another script", email(), "ben@m\u00fcnchen.de", "ben@xn--mnchen-3ya.de"],
    ["several", list(string()), ["a", " b "], ["a", "b"]],
    ["one of several", list(string()), "a", ["a"]],
    ["none of several", list(string()), undefined, []],
    ["several, nothing typed", list(string()), "", []],
    ["left out", optional(integer()), undefined, undefined],
    ["nothing typed", optional(integer()), "  ", undefined],
    ["null of JSON", optional(integer()), null, undefined],
    ["not left out", optional(integer()), "5", 5],
    [
      "a value object",
      object(Address),
      { street: "Kade", number: "1" },
      new Address({ street: "Kade", number: 1 }),
    ],
  ])("%s", (_, attribute, input, value) => {
    expect(attribute.parse(input)).toStrictEqual(value);
  });
});

describe("what cannot be parsed gets a message", () => {
  const unstorable = "contains characters that cannot be stored";
  const notADay = "is not a day of the calendar (YYYY-MM-DD)";
  const notATime = "is not a time (ISO 8601, with a time zone)";

  test.each<[string, Attribute<unknown>, unknown, string]>([
    ["a missing string", string(), undefined, "can't be blank"],
    ["an empty integer", integer(), "  ", "can't be blank"],
    ["an empty e-mail address", email(), "", "can't be blank"],
    ["a field sent twice", string(), ["a", "b"], "was sent more than once"],
    ["a number sent twice", integer(), ["1", "2"], "was sent more than once"],
    ["a list within a list", list(string()), [["a"]], "[0]: was sent more than once"],
    ["an object for a string", string(), { toString: "x" }, "is not a text"],
    ["an object for a number", integer(), {}, "is not a whole number"],
    ["a fraction", integer(), "1.5", "is not a whole number"],
    ["a number in hexadecimal", integer(), "0x10", "is not a whole number"],
    ["an integer beyond what JavaScript holds", integer(), "9007199254740993", "is not a whole number"],
    ["not a number", integer(), Number.NaN, "is not a whole number"],
    ["a decimal with a comma", decimal(), "1,5", "is not a number"],
    ["a decimal with an exponent", decimal(), 1e21, "is not a number"],
    ["a decimal without end", decimal(), "1".repeat(101), "is not a number"],
    ["neither true nor false", boolean(), "maybe", "is not yes or no"],
    ["the name of a property that every object has", boolean(), "constructor", "is not yes or no"],
    ["a day that does not exist", date(), "2026-02-29", notADay],
    ["a date that is none", date(), "20 November", notADay],
    ["a time without a zone", time(), "2026-11-20T10:30", notATime],
    ["a time on a day that does not exist", time(), "2026-02-30T10:30Z", notATime],
    ["a Date that is none", time(), new Date(Number.NaN), notATime],
    ["another word", oneOf("draft", "published"), "deleted", "is not one of draft, published"],
    ["something similar to an id", uuid(), id.slice(1), "is not an id"],
    ["an id in capitals", uuid(), id.toUpperCase(), "is not an id"],
    ["NUL", string(), "a\0b", unstorable],
    ["NUL in a text", text(), "a\0b", unstorable],
    ["half of a surrogate pair", text(), "\ud83d", unstorable],
    ["half of a surrogate pair in an address", email(), "ben\ud83d@example.com", unstorable],
    ["a line break in one line", string(), "a\nb", unstorable],
    ["an escape character", text(), "\u001b[31m", unstorable],
    ["a C1 control character", text(), "a\u0085b", unstorable],
    ["the trace of broken UTF-8", text(), "a\ufffdb", unstorable],
    ["very many accents on one letter", text(), `a${"\u0301\u0323".repeat(50)}`, unstorable],
  ])("%s", (_, attribute, input, message) => {
    const all = Object.entries(errorsOf(attribute, input) ?? {});
    expect(all.map(([path, messages]) => (path ? `${path}: ${messages}` : `${messages}`)).join()).toBe(
      message,
    );
  });

  test("an e-mail domain with the rest of a URL is refused by its rule, not cut off", () => {
    for (const address of ["ben@example.com/foo", "ben@example.com?x", "ben@example%2ecom", "ben@a:80"])
      expect(email().parse(address)).toBe(address);
  });

  test("every part of a value object, at its path", () => {
    expect(errorsOf(list(object(Address)), [{ number: "x" }, "no object", ["neither"]])).toEqual({
      "[0].street": ["can't be blank"],
      "[0].number": ["is not a whole number"],
      "[1].street": ["can't be blank"],
      "[1].number": ["can't be blank"],
      "[2].street": ["can't be blank"],
      "[2].number": ["can't be blank"],
    });
  });

  test("an inherited part counts as not sent", () => {
    const address = Object.create({ street: "Kade", number: "1" });
    expect(Object.keys(errorsOf(object(Address), address) ?? {})).toEqual(["street", "number"]);
  });

  test("each type has a message if nothing was sent", () => {
    for (const attribute of [
      string(),
      text(),
      integer(),
      decimal(),
      boolean(),
      date(),
      time(),
      uuid(),
      email(),
    ])
      expect(messageOf(attribute, undefined)).toBe("can't be blank");
  });
});

describe("JSON both ways", () => {
  test.each<[string, Attribute<never>, unknown, Json]>([
    ["string", string(), "Hello", "Hello"],
    ["text", text(), "one\ntwo", "one\ntwo"],
    ["integer", integer(), 42, 42],
    ["decimal", decimal(), "0.10", "0.10"],
    ["boolean", boolean(), true, true],
    ["date", date(), "2026-11-20", "2026-11-20"],
    ["time", time(), new Date(0), "1970-01-01T00:00:00.000Z"],
    ["oneOf", oneOf("draft"), "draft", "draft"],
    ["uuid", uuid(), id, id],
    ["email", email(), "ben@example.com", "ben@example.com"],
    ["list", list(integer()), [1, 2], [1, 2]],
    ["optional", optional(integer()), undefined, null],
    ["list of optional", list(optional(integer())), [1, undefined], [1, null]],
    ["object", object(Address), new Address({ street: "Kade", number: 1 }), { street: "Kade", number: 1 }],
  ] as [string, Attribute<never>, unknown, Json][])("%s", (_, attribute, value, json) => {
    expect(stored(attribute, value as never)).toStrictEqual(json);
    expect(attribute.fromJson(json)).toStrictEqual(value);
  });

  test.each<[string, Attribute<unknown>, unknown]>([
    ["NUL", string(), "a\0"],
    ["half of a surrogate pair", text(), "\udc00"],
    ["a number for a text", string(), 5],
    ["-0", integer(), -0],
    ["a fraction", integer(), 1.5],
    ["a bigint", integer(), 5n],
    ["a number for a decimal", decimal(), 5],
    ["a list for a decimal", decimal(), ["5"]],
    ["a decimal with leading zeros", decimal(), "05"],
    ["a day that does not exist", date(), "2026-02-30"],
    ["a time of the year 10000", time(), new Date(Date.UTC(10000, 0))],
    ["an invalid time", time(), new Date(Number.NaN)],
    ["a time in words", time(), "2026-11-20T10:30Z"],
    ["another word", oneOf("draft"), "gone"],
    ["an id in capitals", uuid(), id.toUpperCase()],
    ["a text for a list", list(string()), "a"],
    ["a list with a hole", list(string()), Array(1)],
    ["plain values for a value object", object(Address), { street: "Kade", number: 1 }],
    ["null", object(Address), null],
    ["null for what may be left out", optional(string()), null],
  ])("a value that would not come back unchanged is refused: %s", (_, attribute, value) => {
    expect(() => attribute.toJson(value)).toThrow(NotStorable);
  });

  test("the message names the refused attribute", () => {
    const address = new Address({ street: "Kade", number: 1.5 });
    expect(() => object(Address).toJson(address)).toThrow("Cannot be stored: number: not a whole number.");
  });

  test.each<[string, Attribute<unknown>, Json]>([
    ["text", string(), 5],
    ["integer", integer(), "5"],
    ["date", date(), "yesterday"],
    ["time", time(), "yesterday"],
    ["word", oneOf("draft"), "gone"],
    ["list", list(string()), "a"],
    ["value object", object(Address), ["a"]],
    ["part of a value object", object(Address), { street: "Kade" }],
  ])("a stored %s that does not fit its attribute is not read", (_, attribute, json) => {
    expect(() => attribute.fromJson(json)).toThrow(/expected/);
  });

  test("a stored day that is missing is not read", () => {
    expect(() => date().fromJson(undefined as never)).toThrow(/expected/);
  });
});

describe("values", () => {
  test("a value object equals another with the same values", () => {
    const address = new Address({ street: "Kade", number: 1 });
    expect(address.equals(new Address({ street: "Kade", number: 1 }))).toBe(true);
    expect(address.equals(new Address({ street: "Kade", number: 2 }))).toBe(false);
    expect(address.equals({ street: "Kade", number: 1 })).toBe(false);
  });

  test("a parsed value cannot be changed", () => {
    const address = object(Address).parse({ street: "Kade", number: "1" });
    expect(() => Object.assign(address, { number: 2 })).toThrow(TypeError);
    expect(() => (list(string()).parse(["a"]) as string[]).push("b")).toThrow(TypeError);
  });

  test("a parsed time is not the Date that was given, which may still change", () => {
    const given = new Date(0);
    const parsed = time().parse(given);
    given.setFullYear(2000);
    expect(parsed).toEqual(new Date(0));
  });

  test("the day of an instant is its day in UTC", () => {
    expect(calendarDate(new Date("2026-11-20T23:59:59.999Z"))).toBe("2026-11-20");
  });

  test("an attribute cannot have a name that every object has", () => {
    for (const name of ["constructor", "toString", "__proto__"])
      expect(() => ValueObject({ [name]: string() } as Record<never, never>)).toThrow(TypeError);
  });
});
