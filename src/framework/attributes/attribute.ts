import type { ValidationChain } from "express-validator";
import { type Detail, type Details, detailOf, type Errors, messagesIn } from "../errors/error-messages.ts";
import { rowNumbersOf } from "./row-numbers.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/**
 * A rule is written in the words of express-validator: `(chain) => chain.isISBN().withMessage("is no ISBN")`. For programs and
 * other languages, the message may have a code: `.withMessage({ code: "no_isbn", message: "is no ISBN" })`.
 * It judges and does not change: what was typed is put in order when it is parsed, so sanitizers have no place here.
 */
export type Rule = (chain: ValidationChain) => ValidationChain;

/**
 * What a command, an event or a value object declares under a name. One declaration gives the
 * TypeScript type, the parsing of outside data, the rules and the JSON.
 */
export interface Attribute<Value> {
  /** Outside data (form strings, untrusted JSON, or a value already typed) to a value, or throws `Unacceptable`. */
  parse(input: unknown): Value;
  /** A value to what is stored, or throws: what cannot come back identical is not stored. */
  toJson(value: Value): Json;
  /** What was stored, back to the value. */
  fromJson(json: Json): Value;
  readonly rules: readonly Rule[];
  /** Only `optional()` sets this: the attribute may be left out. */
  readonly optional?: true;
  /** Only `personal()` sets this: it can be erased. */
  readonly personal?: true;
  /** Only `secret()` sets this: neither what was typed nor what is sealed is shown. */
  readonly isSecret?: true;
  /** Only `reference()` sets this: the type of the aggregate that it names. */
  readonly reference?: string;
  /** Only `list()`: the rules of each element. */
  readonly element?: Attribute<unknown>;
  /** Only `object()`: the attributes of the value object. */
  readonly attributes?: Attributes;
}

export type Attributes = Readonly<Record<string, Attribute<unknown>>>;

export type ValueOf<A> = A extends Attribute<infer Value> ? Value : never;

type OptionalNames<A extends Attributes> = {
  [Name in keyof A]: undefined extends ValueOf<A[Name]> ? Name : never;
}[keyof A];

/** The plain values that a record of attributes describes; what is optional may be missing or undefined. */
export type ValuesOf<A extends Attributes> = {
  readonly [Name in Exclude<keyof A, OptionalNames<A>>]: ValueOf<A[Name]>;
} & {
  readonly [Name in OptionalNames<A>]?: ValueOf<A[Name]>;
};

/** The parts of a list or of a value object: each a value, or the reason why it has none. */
export type Parts = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What an attribute throws when it cannot take an input: why, or the parts of which some could not be taken. */
export class Unacceptable extends Error {
  /** By the path below the attribute; its own are at "". */
  readonly details: Details;
  /** Of a list or a value object. What could be parsed is still judged by its rules, so that all errors come at once. */
  readonly parts?: Parts;

  constructor(reason: string | Detail, parts?: Parts) {
    const details = parts ? detailsOf(parts) : { "": [detailOf(reason)] };
    super(Object.values(messagesIn(details)).flat().join(", "));
    this.details = details;
    if (parts) this.parts = parts;
  }

  get errors(): Errors {
    return messagesIn(this.details);
  }
}

/** The details of parts, each at its path: `title`, `lines[0].amount`. */
export function detailsOf(parts: Parts): Record<string, readonly Detail[]> {
  const found: Record<string, readonly Detail[]> = {};
  const numbers = Array.isArray(parts) ? rowNumbersOf(parts) : undefined;
  for (const name of Object.keys(parts)) {
    const part = (parts as Record<string, unknown>)[name];
    if (!(part instanceof Unacceptable)) continue;
    const path = Array.isArray(parts) ? `[${numbers?.[Number(name)] ?? name}]` : name;
    for (const [below, details] of Object.entries(part.details)) {
      found[below === "" || below.startsWith("[") ? path + below : `${path}.${below}`] = details;
    }
  }
  return found;
}

/** A value that would not come back from the store as it went in. It is a mistake of the program, not of a person. */
export class NotStorable extends TypeError {
  readonly value: unknown;
  readonly why: string;

  constructor(value: unknown, why: string) {
    super(`Cannot be stored: ${why}.`);
    this.value = value;
    this.why = why;
  }
}

/** A secret is sealed where a command, an event or an aggregate has it, not deeper. */
export class SecretMisplaced extends TypeError {
  constructor(where: string) {
    super(
      `A secret() cannot stand in ${where}. Declare it in the command, the event or the aggregate itself.`,
    );
  }
}
