import type { Attributes, JsonObject } from "../attributes/attribute.ts";
import { optional } from "../attributes/lists.ts";
import { attributesFromJson, attributesToJson } from "../attributes/serialization.ts";
import type { Values } from "./aggregate-state.ts";

/** When snapshots of the aggregates of a class are taken: `static readonly snapshots = { every: 100, version: 1 }`. */
export interface Snapshots {
  /** After how many events since the last one the next is taken: no more than these are read with it. */
  readonly every: number;
  /** Raise it when the same state comes to mean something else: earlier snapshots are then ignored. */
  readonly version: number;
}

/** Where the history of an aggregate begins, if not with its first event. */
export interface Beginning {
  readonly state: Values;
  /** How many events came before. */
  readonly version: number;
}

/** Every attribute is there, also one that is empty: a snapshot of a class that had others is recognised by it. */
export function stateToJson(attributes: Attributes, state: Values): JsonObject {
  const empty = Object.keys(attributes).map((name) => [name, null]);
  return { ...Object.fromEntries(empty), ...attributesToJson(allOptional(attributes), state) };
}

/** Undefined where the JSON does not fit the declaration any more: a snapshot that cannot be read is as none. */
export function stateFromJson(attributes: Attributes, json: JsonObject): Values | undefined {
  const names = Object.keys(attributes);
  if (names.length !== Object.keys(json).length || !names.every((name) => name in json)) return undefined;
  try {
    return attributesFromJson(allOptional(attributes), json);
  } catch {
    return undefined;
  }
}

/** A state may be without anything that no event has set yet. */
function allOptional(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, optional(attribute)]),
  );
}
