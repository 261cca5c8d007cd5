import { type Detail, type Details, type Errors, messagesIn } from "../errors/error-messages.ts";
import type { Judge } from "./rules.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/**
 * The type of one value of a command, an event or a value object. One declaration gives the TypeScript type, the parsing of
 * outside data, the rules and the JSON.
 */
export interface Attribute<Value> {
  /** Turns outside data (texts of a form, untrusted JSON, or a typed value) into a value, or throws `Unacceptable`. */
  parse(input: unknown): Value;
  /** Turns a value into stored JSON. Throws if it would not come back as the same value. */
  toJson(value: Value): Json;
  /** Turns stored JSON back into the value. */
  fromJson(json: Json): Value;
  readonly rules?: Judge | undefined;
  /** Only `optional()` sets this: the attribute may be left out. */
  readonly optional?: true;
  /** Only `personal()` sets this: it can be erased. */
  readonly personal?: true;
  /** Only `secret()` sets this: neither the typed text nor the sealed one is shown. */
  readonly isSecret?: true;
  /** Only `reference()` sets this: the type of the aggregate that it names. */
  readonly reference?: string;
  /** Only `list()`: the rules of each element. */
  readonly element?: Attribute<unknown>;
  /** Only `object()`: the attributes of the value object. */
  readonly attributes?: Attributes;
  /** Only `list()` and `object()`: makes the value from those of its parts. */
  compose?(values: Readonly<Record<string, unknown>>): Value;
}

export type Attributes = Readonly<Record<string, Attribute<unknown>>>;

type ValueOf<A> = A extends Attribute<infer Value> ? Value : never;

type OptionalNames<A extends Attributes> = {
  [Name in keyof A]: undefined extends ValueOf<A[Name]> ? Name : never;
}[keyof A];

/** The plain values that a record of attributes describes. Optional ones may be missing or undefined. */
export type ValuesOf<A extends Attributes> = {
  readonly [Name in Exclude<keyof A, OptionalNames<A>>]: ValueOf<A[Name]>;
} & {
  readonly [Name in OptionalNames<A>]?: ValueOf<A[Name]>;
};

/** What an attribute throws if it cannot take an input. */
export class Unacceptable extends Error {
  /** By the path below the attribute. Those of the attribute itself are at "". */
  readonly details: Details;

  constructor(details: Details) {
    super(Object.values(messagesIn(details)).flat().join(", "));
    this.details = details;
  }

  get errors(): Errors {
    return messagesIn(this.details);
  }
}

export function refuse(detail: Detail): never {
  throw new Unacceptable({ "": [detail] });
}

/** A value that would come back from the store as another one. This is a mistake in the program. */
export class NotStorable extends TypeError {
  readonly value: unknown;
  readonly why: string;

  constructor(value: unknown, why: string) {
    super(`Cannot be stored: ${why}.`);
    this.value = value;
    this.why = why;
  }
}
