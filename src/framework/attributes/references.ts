import type { Attribute, Attributes } from "./attribute.ts";
import { isObject } from "./parsing.ts";
import { isUuid } from "./texts.ts";

/** A place in a message that names another aggregate: see `reference()`. */
export interface Reference {
  /** As in an error: `authorAggregateId`, `lines[].productId`. */
  readonly path: string;
  readonly aggregateType: string;
  /** The ids at this place, in the values of a message. */
  idsIn(values: object): readonly string[];
}

type ValuesIn = (message: object) => readonly unknown[];

/** All declared references, also in lists and value objects. Made once for each declaration. */
export function referencesIn(attributes: Attributes): Reference[] {
  return referencesBelow(attributes, "", (message) => [message]);
}

function referencesBelow(attributes: Attributes, prefix: string, parents: ValuesIn): Reference[] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    referencesAt(attribute, prefix + name, (message) =>
      parents(message).map((parent) => (isObject(parent) ? parent[name] : undefined)),
    ),
  );
}

function referencesAt(attribute: Attribute<unknown>, path: string, values: ValuesIn): Reference[] {
  const { reference, element, attributes = {} } = attribute;
  if (reference !== undefined)
    return [{ path, aggregateType: reference, idsIn: (message) => values(message).filter(isUuid) }];
  if (element) return referencesAt(element, `${path}[]`, (message) => values(message).flat());
  return referencesBelow(attributes, `${path}.`, values);
}
