import type { Attribute, Attributes, Json, JsonObject } from "./attribute.ts";
import { isJsonObject } from "./serialization.ts";

/** What stands where something personal stood. */
export const erased = "[erased]";

/**
 * Says of a text that it tells of a person, so that it can be erased: `name: personal(string())`. It is said wherever it
 * is kept: in commands, in events and in what an aggregate remembers.
 */
export function personal<Value extends string | undefined>(attribute: Attribute<Value>): Attribute<Value> {
  return {
    ...attribute,
    personal: true,
    toJson: (value) => (value === erased ? erased : attribute.toJson(value)),
    fromJson: (json) => (json === erased ? (erased as Value) : readable(attribute, json)),
  };
}

/** What an attribute says of a value that it cannot read names the value, and ends in a log. */
function readable<Value>(attribute: Attribute<Value>, json: Json): Value {
  try {
    return attribute.fromJson(json);
  } catch {
    throw new TypeError("found something else than was declared, which is personal and not shown");
  }
}

/** The JSON of declared attributes with all that is personal erased, and what was there. */
export function erasePersonal(
  attributes: Attributes,
  json: JsonObject,
): { readonly json: JsonObject; readonly values: readonly string[] } {
  const values = new Set<string>();
  return { json: eraseObject(attributes, json, values), values: [...values] };
}

function eraseObject(attributes: Attributes, json: JsonObject, values: Set<string>): JsonObject {
  const entries = Object.entries(json).map(([name, value]) => {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return [name, attribute ? eraseValue(attribute, value, values) : value] as const;
  });
  return Object.fromEntries(entries);
}

function eraseValue(attribute: Attribute<unknown>, value: Json, values: Set<string>): Json {
  const { personal, element, attributes } = attribute;
  if (value === null) return null;
  if (personal) {
    if (value !== erased) values.add(typeof value === "string" ? value : JSON.stringify(value));
    return erased;
  }
  if (element && Array.isArray(value)) return value.map((each) => eraseValue(element, each, values));
  if (attributes && isJsonObject(value)) return eraseObject(attributes, value, values);
  return value;
}
