import { createHash } from "node:crypto";
import { v5, v7 } from "uuid";

/** A new id (UUIDv7): unique everywhere, and ordered by time. The ids of one process are strictly ordered. */
export function newId(): string {
  return v7();
}

/**
 * Derives an id: always the same one from the same id. Nobody can compute the way back. It keeps the time in a UUIDv7, so both
 * ids have about the same place in an index.
 */
export function derivedId(id: string): string {
  const hash = createHash("sha256").update(id).digest("hex");
  const variant = "89ab"[Number.parseInt(hash.charAt(3), 16) & 3];
  return `${id.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

/** The id of a name: always the same one (UUIDv5). */
export function idOfName(name: string): string {
  return v5(name, namesOfSequent);
}

const namesOfSequent = "6f1a7c52-0f0e-4c3e-9d5b-3f2c8f0f7a11";
