import { type Attributes, type Json, type JsonObject, NotStorable } from "./attribute.ts";

/** The JSON of declared values. Optional values that are missing are left out. */
export function attributesToJson(attributes: Attributes, message: object): JsonObject {
  const values = fieldsOf(message);
  const json: Record<string, Json> = {};
  for (const name in attributes) {
    const attribute = attributes[name];
    const value = values[name];
    if (!attribute || (value === undefined && attribute.optional)) continue;
    try {
      json[name] = attribute.toJson(value);
    } catch (error) {
      const shown = error instanceof NotStorable ? error.value : value; // the value of a secret is left out
      throw new NotStorable(shown, `${name}: ${reasonOf(error)}`);
    }
  }
  return json;
}

/** The values from their JSON. Throws if a stored value does not fit its declaration. */
export function attributesFromJson(attributes: Attributes, json: JsonObject): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name in attributes) {
    const attribute = attributes[name];
    const stored = json[name];
    if (!attribute || (stored === undefined && attribute.optional)) continue;
    try {
      values[name] = attribute.fromJson(stored ?? null);
    } catch (error) {
      throw new TypeError(`${name}: ${reasonOf(error)}`);
    }
  }
  return values;
}

export function fieldsOf(object: object): Record<string, unknown> {
  return object as Record<string, unknown>;
}

export function expectObject(json: Json): JsonObject {
  if (!isJsonObject(json)) throw new TypeError(`expected an object, found ${JSON.stringify(json)}`);
  return json;
}

export function isJsonObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function reasonOf(error: unknown): string {
  if (error instanceof NotStorable) return error.why;
  return error instanceof Error ? error.message : String(error);
}

export function instantText(instant: Date): string {
  return instant.toJSON() ?? "not an instant"; // a database refuses this
}

/** `instantText` for many instants. Neighbours are mostly equal, and making a text takes half a microsecond. */
export function instantTexts(): (instant: Date) => string {
  let last = Number.NaN;
  let text = "";
  return (instant) => {
    if (instant.getTime() !== last) text = instantText(instant);
    last = instant.getTime();
    return text;
  };
}
