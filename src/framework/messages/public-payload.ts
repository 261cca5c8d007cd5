import type { JsonObject } from "../attributes/attribute.ts";
import { withoutPersonal } from "../attributes/personal.ts";
import type { EventTypes, StoredEvent } from "./event-types.ts";
import { hideSecrets } from "./shown-payload.ts";

/** What other programs may know of an event. */
export interface PublicPayload {
  /** How many upcasts have made the payload what it is. */
  readonly version: number;
  readonly payload: JsonObject;
}

interface Options {
  /** False leaves out what `personal()` marks, and what is not declared. */
  readonly withPersonal: boolean;
}

/**
 * The payload in the present version of its class, with "[secret]" for secrets. Throws `UnknownEventType` if no class says what is
 * personal.
 */
export function publicPayload(
  stored: StoredEvent,
  eventTypes: EventTypes,
  { withPersonal }: Options,
): PublicPayload {
  if (withPersonal && !eventTypes.knows(stored.type))
    return { version: stored.version, payload: hideSecrets(stored.payload, {}) };
  const { attributes, upcasts } = eventTypes.classOf(stored.type);
  const payload = hideSecrets(eventTypes.upcast(stored), attributes);
  return {
    version: upcasts.length,
    payload: withPersonal ? payload : withoutPersonal(attributes, payload),
  };
}
