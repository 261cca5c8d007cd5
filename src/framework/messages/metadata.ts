import { type Json, NotStorable } from "../attributes/attribute.ts";
import { storableText } from "../attributes/texts.ts";

/**
 * Notes about a command that the domain does not use, such as the request that it came with:
 * `{ requestId: "…", attempt: 2 }`. It is stored with the command.
 */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** A copy that nobody changes. If this is no record, it comes back as it is, and the check of the command refuses it. */
export function frozenMetadata(metadata: Metadata): Metadata {
  return isRecord(metadata) ? Object.freeze({ ...metadata }) : metadata;
}

/** The stored form. Throws `NotStorable`. */
export function metadataToJson(metadata: unknown): Json {
  if (!isRecord(metadata)) throw new NotStorable(metadata, 'not a record, such as { requestId: "…" }');
  const flat = Object.entries(metadata).map(([name, value]) => [storableText(name), flatToJson(name, value)]);
  return Object.fromEntries(flat);
}

function flatToJson(name: string, value: unknown): Json {
  if (typeof value === "string") return storableText(value);
  if (typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) return value;
  throw new NotStorable(value, `not flat: "${name}" is not a text, a number, true or false`);
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
