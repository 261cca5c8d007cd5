import type { Attribute, Attributes, Json, JsonObject } from "./attribute.ts";
import { isJsonObject } from "./serialization.ts";

/** The text that replaces personal data. */
export const erased = "[erased]";

/**
 * Marks a text that says something about a person, so it can be erased: `name: personal(string())`. Mark it in commands, in
 * events and in the state of an aggregate.
 */
export function personal<Value extends string | undefined>(attribute: Attribute<Value>): Attribute<Value> {
  return {
    ...attribute,
    personal: true,
    toJson: (value) => (value === erased ? erased : attribute.toJson(value)),
    fromJson: (json) => (json === erased ? (erased as Value) : readable(attribute, json)),
  };
}

/** The error of an attribute names the value that it cannot read, and would end up in a log. So it is replaced. */
function readable<Value>(attribute: Attribute<Value>, json: Json): Value {
  try {
    return attribute.fromJson(json);
  } catch {
    throw new TypeError("the stored value does not fit the declaration (it is personal, so it is not shown)");
  }
}

/** The JSON of declared attributes with all personal values erased, and the erased values. */
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

/** The JSON of declared attributes without all personal values, and without what is not declared. */
export function withoutPersonal(attributes: Attributes, json: JsonObject): JsonObject {
  const entries = Object.entries(json).flatMap(([name, value]) => {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return attribute ? publicValues(attribute, value).map((each) => [name, each] as const) : [];
  });
  return Object.fromEntries(entries);
}

/** The value, or nothing if it is personal. */
function publicValues(attribute: Attribute<unknown>, value: Json): Json[] {
  const { personal, element, attributes } = attribute;
  if (personal) return [];
  if (element && Array.isArray(value)) return [value.flatMap((each) => publicValues(element, each))];
  if (attributes && isJsonObject(value)) return [withoutPersonal(attributes, value)];
  return [value];
}
