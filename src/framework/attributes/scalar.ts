import { type Detail, detailOf, wordsOf } from "../errors/error-messages.ts";
import { type Attribute, type Json, NotStorable, refuse } from "./attribute.ts";
import { type Rule, rulesOf } from "./rules.ts";

interface Scalar<Value> {
  /** The message for any other value, as in "is not a whole number". */
  readonly otherwise: string | Detail;
  readonly rules?: readonly Rule[];
  is(value: unknown): value is Value;
  /** Turns the text of a field, trimmed, into a possible value. By default, it is the value. */
  read?(typed: string): unknown;
  /** The same for what is no text: a value of a program, or of JSON. By default, it is the value. */
  take?(input: unknown): unknown;
}

/**
 * An attribute whose values JSON holds as they are: a text, a number, true or false. Make your own with it:
 *
 *     const slug = (...rules: Rule[]) =>
 *       scalar({ rules, otherwise: "is not a slug", is: (value): value is string => /^[a-z0-9-]+$/.test(String(value)) });
 */
export function scalar<Value extends string | number | boolean>(declared: Scalar<Value>): Attribute<Value> {
  const { rules = [], is, read = (typed) => typed, take = (input) => input } = declared;
  const otherwise = detailOf(declared.otherwise);
  return {
    rules: rulesOf(rules),
    parse(input) {
      const isText = typeof input === "string" || isNothing(input) || Array.isArray(input);
      const value = isText ? read(single(input, otherwise)) : take(input);
      return is(value) ? value : refuse(otherwise);
    },
    toJson(value) {
      if (!is(value)) throw new NotStorable(value, wordsOf(otherwise).replace(/^is /, ""));
      return value;
    },
    fromJson(json) {
      if (!is(json)) throw unexpected(json, wordsOf(otherwise).replace(/^is not /, ""));
      return json;
    },
  };
}

/** A stored value of another type means a changed attribute whose event lacks an upcast. */
export function unexpected(json: Json, expected: string): TypeError {
  return new TypeError(`expected ${expected}, found ${JSON.stringify(json)}`);
}

export function isNothing(input: unknown): boolean {
  return input === undefined || input === null || (typeof input === "string" && input.trim() === "");
}

/** The one text that a form sent for a field. */
export function single(input: unknown, otherwise: Detail): string {
  if (isNothing(input)) refuse({ code: "blank" });
  if (Array.isArray(input)) refuse({ code: "sent_twice" });
  return typeof input === "string" ? input.trim() : refuse(otherwise);
}
