import type { Details } from "../errors/error-messages.ts";
import { type Attribute, type Attributes, Unacceptable } from "./attribute.ts";
import { isNothing } from "./scalar.ts";

/** An input after parsing. */
interface Parsed<Value = unknown> {
  readonly attribute: Attribute<Value>;
  /** Undefined if the input was left out or refused. */
  readonly value?: Value;
  /** Why there is no value, by the path below. */
  readonly refused?: Details;
  readonly parts: Parts;
}

/** The parts of a list or a value object. Each has a step in its path: "[0]", or "street". */
export type Parts = readonly (readonly [step: string, part: Parsed])[];

/** Parses all of an input, even if a part of it is refused, so all errors come at once. */
function parsed<Value>(attribute: Attribute<Value>, input: unknown): Parsed<Value> {
  const { element, attributes = {}, compose, optional } = attribute;
  if (optional && isNothing(input)) return { attribute, parts: [] };
  if (!compose) return parsedAlone(attribute, input);
  const parts = element ? parsedRows(element, input) : parsedFields(attributes, input);
  const refused = refusalsIn(parts);
  return Object.keys(refused).length > 0
    ? { attribute, parts, refused }
    : { attribute, parts, value: compose(valuesOf(parts)) };
}

/** Parses the declared fields and drops all others. */
export function parsedFields(attributes: Attributes, input: unknown): Parts {
  const fields = isObject(input) ? input : {};
  return Object.entries(attributes).map(([name, attribute]) => {
    const given = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return [name, parsed(attribute, given)];
  });
}

/** The value of a list or a value object, or `Unacceptable`. */
export function parsedWhole<Value>(attribute: Attribute<Value>, input: unknown): Value {
  const { value, refused = {} } = parsed(attribute, input);
  if (value === undefined) throw new Unacceptable(refused);
  return value;
}

export function valuesOf(parts: Parts): Record<string, unknown> {
  return Object.fromEntries(parts.map(([name, { value }]) => [name, value]));
}

export function refusalsIn(parts: Parts): Details {
  const all = parts.flatMap(([step, { refused = {} }]) =>
    Object.entries(refused).map(([below, details]) => [pathOf(step, below), details] as const),
  );
  return Object.fromEntries(all);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** As in `title`, `address.street` and `lines[0].amount`. */
export function pathOf(path: string, step: string): string {
  return path === "" || step === "" || step.startsWith("[") ? path + step : `${path}.${step}`;
}

/** A row that a form left out is a hole in the array. The other rows keep their numbers, for the paths of their errors. */
function parsedRows(element: Attribute<unknown>, input: unknown): Parts {
  const inputs: readonly unknown[] = Array.isArray(input) ? input : isNothing(input) ? [] : [input];
  const rows: [string, Parsed][] = [];
  inputs.forEach((each, row) => {
    rows.push([`[${row}]`, parsed(element, each)]);
  });
  return rows;
}

function parsedAlone<Value>(attribute: Attribute<Value>, input: unknown): Parsed<Value> {
  try {
    return { attribute, value: attribute.parse(input), parts: [] };
  } catch (error) {
    if (!(error instanceof Unacceptable)) throw error;
    return { attribute, refused: error.details, parts: [] };
  }
}
