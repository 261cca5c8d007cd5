import { createHash } from "node:crypto";
import { v7 } from "uuid";

/** A new id (UUIDv7): unique everywhere, and ordered by the time it was made; those of one process strictly. */
export function newId(): string {
  return v7();
}

/**
 * Always the same id for the same id, and one that nobody can guess backwards. It keeps the time that is in a UUIDv7, so that
 * both stand at about the same place in an index.
 */
export function derivedId(id: string): string {
  const hash = createHash("sha256").update(id).digest("hex");
  const variant = "89ab"[Number.parseInt(hash.charAt(3), 16) & 3];
  return `${id.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
