import type { LogPosition } from "../event-store.ts";

/**
 * SQL that is true for an event if no other event can still come before it in the log. An event gets its position before its
 * transaction commits, so a later event can be visible before an earlier one. But no new event can come before the oldest
 * transaction that still runs, or in an epoch that is over. Readers of the log read only such events, in the order of
 * epochs and transactions.
 */
export const isSettled =
  "(epoch, xact_id) < ((select epoch from sequent_schema.current_epoch()), pg_snapshot_xmin(pg_current_snapshot()))";

/** Epoch, transaction and position of the last event that was read. */
export function logKeyOf(position: LogPosition = "0:0:0"): string[] {
  const key = position.split(":");
  if (key.length === 3) return key;
  throw new TypeError(`"${position}" is not a position of this log. A position looks like "1:4711:42".`);
}

/** True if the first of two positions comes after the second in the log. */
export function isLater(one: LogPosition, other: LogPosition): boolean {
  const [ones, others] = [logKeyOf(one).map(BigInt), logKeyOf(other).map(BigInt)];
  const place = ones.findIndex((each, index) => each !== others[index]);
  return place >= 0 && (ones[place] ?? 0n) > (others[place] ?? 0n);
}
