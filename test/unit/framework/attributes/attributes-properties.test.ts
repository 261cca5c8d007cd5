import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Attribute,
  boolean,
  date,
  decimal,
  email,
  integer,
  list,
  object,
  oneOf,
  optional,
  string,
  text,
  time,
  uuid,
  ValueObject,
} from "#sequent";
import { Unacceptable } from "#sequent/operations";

class Money extends ValueObject({ amount: decimal(), currency: oneOf("EUR", "USD") }) {}
class Order extends ValueObject({ lines: list(object(Money)), note: optional(text()), at: time() }) {}

const attributes: [string, Attribute<unknown>][] = [
  ["string", string()],
  ["text", text()],
  ["integer", integer()],
  ["decimal", decimal()],
  ["boolean", boolean()],
  ["date", date()],
  ["time", time()],
  ["oneOf", oneOf("draft", "published")],
  ["uuid", uuid()],
  ["email", email()],
  ["list", list(decimal())],
  ["list of lists", list(list(integer()))],
  ["optional", optional(date())],
  ["value object", object(Money)],
  ["nested value objects", object(Order)],
];

/** Any text, often a number, day, address or word in an unusual spelling. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.stringMatching(/^ ?[+-]?0*\d{0,20}(\.\d{0,5})? ?$/),
  fc.date().map((day) => (Number.isNaN(day.getTime()) ? "" : day.toISOString())),
  fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/),
  fc.emailAddress(),
  fc.tuple(fc.string(), fc.string({ unit: "grapheme" })).map((parts) => parts.join("@")),
  fc.uuid(),
  fc.constantFrom("draft", "true", "ON", "EUR", "constructor", "__proto__", "toString"),
);

const money = fc.record({ amount: anyText, currency: fc.constantFrom("EUR", "USD", "x") });
const order = fc.record({ lines: fc.array(money, { maxLength: 3 }), note: anyText, at: fc.date() });
const input = fc.oneof(anyText, fc.array(anyText), money, order, fc.double(), fc.date(), fc.anything());

/** Values of the right kind and of any other. */
const value = fc.oneof(
  { weight: 3, arbitrary: input },
  { weight: 1, arbitrary: fc.anything({ withDate: true, withBigInt: true, withSparseArray: true }) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
  { weight: 1, arbitrary: money.map((values) => new Money(values as never)) },
  { weight: 1, arbitrary: order.map((values) => new Order(values as never)) },
);

function parsed(attribute: Attribute<unknown>, given: unknown): { value: unknown } | undefined {
  try {
    return { value: attribute.parse(given) };
  } catch (error) {
    if (!(error instanceof Unacceptable)) throw error;
    expect(Object.values(error.errors).flat().every(Boolean)).toBe(true);
    expect(error.message).not.toBe("");
    return undefined;
  }
}

function throughJson(attribute: Attribute<unknown>, given: unknown): unknown {
  return attribute.fromJson(JSON.parse(JSON.stringify(attribute.toJson(given))));
}

function isStorable(attribute: Attribute<unknown>, given: unknown): boolean {
  try {
    attribute.toJson(given);
    return true;
  } catch {
    return false;
  }
}

describe.each(attributes)("%s", (_, attribute) => {
  test("any value comes back from JSON unchanged, or is refused before", () => {
    fc.assert(
      fc.property(value, (given) => {
        if (isStorable(attribute, given))
          expect(isDeepStrictEqual(throughJson(attribute, given), given)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("any input is parsed or gets a message, and a parsed value can be stored and parsed again unchanged", () => {
    fc.assert(
      fc.property(input, (given) => {
        const once = parsed(attribute, given);
        if (!once) return;
        expect(isDeepStrictEqual(throughJson(attribute, once.value), once.value)).toBe(true);
        expect(isDeepStrictEqual(parsed(attribute, once.value), once)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test("no parsed text has characters that Postgres refuses or that only do harm", () => {
  const harmful = /[^\P{Cc}\n\t]|\p{Surrogate}|\ufffd/u;
  fc.assert(
    fc.property(anyText, (given) => {
      for (const attribute of [string(), text(), email()]) {
        const found = parsed(attribute, given);
        if (found) expect(found.value).not.toMatch(harmful);
      }
    }),
    { numRuns: 1000 },
  );
});
