/**
 * SQL that is true for an event if no other event can still come before it in the log. Positions are given out before a
 * transaction commits, so a later one can be visible before an earlier one. But no more events can come below the oldest
 * transaction that still runs, or in an epoch that is over. Readers of the log read only such events, in the order of
 * epochs and transactions.
 */
export const isSettled =
  "(epoch, xact_id) < ((select epoch from sequent_schema.current_epoch()), pg_snapshot_xmin(pg_current_snapshot()))";
