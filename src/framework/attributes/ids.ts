import { createHash, randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Random bytes for many ids: asking for those of one costs more than the rest of it. */
const pool = Buffer.alloc(16 * 256);
let used = pool.length;

let msecs = 0;
let seq = 0;

/** A new id (UUIDv7): unique everywhere, and ordered by the time it was made; those of one process strictly. */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 16);
  used += random.length;
  const now = Date.now();
  seq = now > msecs ? random.readUInt32BE(6) >>> 1 : seq + 1; // half of its range is room to count within a millisecond
  msecs = Math.max(now, msecs);
  return v7({ random, msecs, seq });
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
