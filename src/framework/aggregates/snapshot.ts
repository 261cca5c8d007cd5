import type { Attributes, JsonObject } from "../attributes/attribute.ts";
import { optional } from "../attributes/lists.ts";
import { attributesFromJson, attributesToJson } from "../attributes/serialization.ts";
import type { Values } from "./aggregate-state.ts";

/** When snapshots of the aggregates of a class are taken: `static readonly snapshots = { every: 100, version: 1 }`. */
export interface Snapshots {
  /** The number of events after which the next snapshot is taken. */
  readonly every: number;
  /** Raise it if the same state gets another meaning. Earlier snapshots are then ignored. */
  readonly version: number;
}

/** The beginning of a history that does not begin with the first event. */
export interface Beginning {
  readonly state: Values;
  readonly version: number;
}

/** The JSON of a state, with every attribute, even an empty one. So a snapshot of other attributes can be recognised. */
export function stateToJson(attributes: Attributes, state: Values): JsonObject {
  const empty = Object.keys(attributes).map((name) => [name, null]);
  return { ...Object.fromEntries(empty), ...attributesToJson(allOptional(attributes), state) };
}

/** The state from JSON. Undefined if the JSON does not fit the declaration any more: such a snapshot is ignored. */
export function stateFromJson(attributes: Attributes, json: JsonObject): Values | undefined {
  const names = Object.keys(attributes);
  if (names.length !== Object.keys(json).length || !names.every((name) => name in json)) return undefined;
  try {
    return attributesFromJson(allOptional(attributes), json);
  } catch {
    return undefined;
  }
}

/** In a state, every value may be missing until an event sets it. */
function allOptional(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, optional(attribute)]),
  );
}
