/**
 * SQL that says of an event that nothing can come before it any more. Positions are given out before a transaction
 * commits, so a later one can be visible before an earlier one. Nothing below the oldest transaction that still runs can
 * come any more, nor in an epoch that is over: who reads the log reads only that, in the order of these.
 */
export const isSettled =
  "(epoch, xact_id) < ((select epoch from sequent_schema.current_epoch()), pg_snapshot_xmin(pg_current_snapshot()))";
