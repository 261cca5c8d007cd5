import type { Attribute, Attributes, Json, JsonObject } from "./attribute.ts";
import { NotStorable } from "./attribute.ts";

/** The JSON of declared values; what is missing and may be is left out. */
export function attributesToJson(attributes: Attributes, values: Record<string, unknown>): JsonObject {
  const json: Record<string, Json> = {};
  for (const name of Object.keys(attributes)) {
    const attribute = attributes[name] as Attribute<unknown>;
    const value = values[name];
    if (value === undefined && attribute.optional) continue;
    try {
      json[name] = attribute.toJson(value);
    } catch (error) {
      const shown = error instanceof NotStorable ? error.value : value; // that of a secret is left out
      throw new NotStorable(shown, `${name}: ${reasonOf(error)}`);
    }
  }
  return json;
}

/** The values back from their JSON. Throws where a stored value does not fit its declaration. */
export function attributesFromJson(attributes: Attributes, json: JsonObject): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) {
    const attribute = attributes[name] as Attribute<unknown>;
    const stored = json[name];
    if (stored === undefined && attribute.optional) continue;
    try {
      values[name] = attribute.fromJson(stored as Json);
    } catch (error) {
      throw new TypeError(`${name}: ${reasonOf(error)}`);
    }
  }
  return values;
}

export function expectObject(json: Json): JsonObject {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new TypeError(`expected an object, found ${JSON.stringify(json)}`);
  }
  return json as JsonObject;
}

function reasonOf(error: unknown): string {
  if (error instanceof NotStorable) return error.why;
  return error instanceof Error ? error.message : String(error);
}

let lastInstant = Number.NaN;
let lastText = "";

/** An instant as it is sent to a store. What belongs together mostly happened at the same one, which is written once. */
export function instantText(instant: Date): string {
  const time = instant.getTime();
  if (time !== lastInstant) {
    lastText = instant.toJSON() ?? "not an instant"; // which a database refuses
    lastInstant = time;
  }
  return lastText;
}
