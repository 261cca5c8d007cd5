import { type Detail, wordsOf } from "../errors/error-messages.ts";
import { type Attribute, type Json, NotStorable, refuse } from "./attribute.ts";
import { type Rule, rulesOf } from "./rules.ts";

interface Scalar<Value> {
  /** The message for any other value, as in "is not a whole number". */
  readonly otherwise: Detail;
  readonly rules?: readonly Rule[];
  is(value: unknown): value is Value;
  /** Turns a form field or untrusted JSON into a possible value. By default, it is the text of the field. */
  read?(input: unknown): unknown;
}

/** An attribute whose values JSON holds as they are. */
export function scalar<Value extends string | number | boolean>(declared: Scalar<Value>): Attribute<Value> {
  const { otherwise, rules = [], is, read = (input) => single(input, otherwise) } = declared;
  return {
    rules: rulesOf(rules),
    parse(input) {
      const value = read(input);
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
