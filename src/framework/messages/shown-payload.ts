import type { Attributes, Json, JsonObject } from "../attributes/attribute.ts";
import { erased } from "../attributes/personal.ts";
import { isSealed } from "../attributes/sealing.ts";
import { isJsonObject } from "../attributes/serialization.ts";
import { EventNotReadable, type EventTypes, type StoredEvent, UnknownEventType } from "./event-types.ts";

/** A payload for a person who looks at it. */
export interface ShownPayload {
  /** In the present version of its class, with "[secret]" for secrets. */
  readonly payload: JsonObject;
  /** False if this build does not know the class, or cannot read what is stored. Then the payload is the stored one. */
  readonly isReadable: boolean;
}

export function shownPayload(stored: StoredEvent, eventTypes: EventTypes): ShownPayload {
  const attributes = eventTypes.knows(stored.type) ? eventTypes.classOf(stored.type).attributes : {};
  const payload = readPayload(stored, eventTypes);
  return {
    payload: hideSecrets(payload ?? stored.payload, attributes),
    isReadable: payload !== undefined,
  };
}

function readPayload(stored: StoredEvent, eventTypes: EventTypes): JsonObject | undefined {
  try {
    eventTypes.load(stored);
    return eventTypes.upcast(stored);
  } catch (error) {
    if (error instanceof UnknownEventType || error instanceof EventNotReadable) return undefined;
    throw error;
  }
}

export function hideSecrets(payload: JsonObject, attributes: Attributes): JsonObject {
  const entries = Object.entries(payload).map(([name, value]) => [
    name,
    attributes[name]?.isSecret && value !== erased ? hidden : hideSealed(value),
  ]);
  return Object.fromEntries(entries);
}

const hidden = "[secret]";

/** A sealed text is a secret, even if no class says so. */
function hideSealed(value: Json): Json {
  if (isSealed(value)) return hidden;
  if (isJsonObject(value)) return hideSecrets(value, {});
  return Array.isArray(value) ? value.map(hideSealed) : value;
}
