import { type Attribute, type Attributes, type Parts, Unacceptable } from "./attribute.ts";

/** The value, or the reason why there is none: what else was sent is still looked at. */
export function tryParse(attribute: Attribute<unknown>, input: unknown): unknown {
  try {
    return attribute.parse(input);
  } catch (error) {
    if (error instanceof Unacceptable) return error;
    throw error;
  }
}

/** Parses what is declared and drops the rest. */
export function parseAttributes(attributes: Attributes, input: object): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) {
    const given = Object.hasOwn(input, name) ? Reflect.get(input, name) : undefined;
    const part = tryParse(attributes[name] as Attribute<unknown>, given);
    if (part !== undefined) parts[name] = part;
  }
  return parts;
}

/** The parts, where each of them is a value. */
export function complete<P extends Parts>(parts: P): P {
  if (Object.values(parts).some((part) => part instanceof Unacceptable))
    throw new Unacceptable({ code: "not_valid" }, parts);
  return parts;
}
