import type { Knex } from "knex";
import type { LogPosition } from "../../store/event-store.ts";
import { logKeyOf } from "../../store/postgres/log.ts";
import { rowCount } from "../../store/postgres/rows.ts";
import { now } from "./statements.ts";

// What a person changes. Each change that concerns the worker takes the lease from it, so what it does meanwhile is not noted.

const withoutLease = "fence = fence + 1, owner = null, leased_until = '-infinity'";

/** Moves a subscription, and forgets what it has parked. Events that it has handled come again if it moves back. */
export async function resetSubscription(
  knex: Knex,
  name: string,
  to: "beginning" | "now" | LogPosition,
): Promise<boolean> {
  const place = to === "now" ? now : "select ?::integer as epoch, ?::xid8 as xact_id, ?::bigint as position";
  const key = to === "now" ? [] : logKeyOf(to === "beginning" ? undefined : to);
  return knex.transaction(async (trx) => {
    const moved = await rowCount(
      trx,
      `update sequent_schema.subscriptions
          set epoch = place.epoch, xact_id = place.xact_id, position = place.position, ${withoutLease}
         from (${place}) as place
        where name = ?`,
      [...key, name],
    );
    await trx.raw("delete from sequent_schema.parked_aggregates where subscription = ?", [name]);
    return moved > 0;
  });
}

/** Stops the work for a subscription in all processes, until it is resumed. */
export async function pauseSubscription(knex: Knex, name: string, why: string): Promise<boolean> {
  const pause = `update sequent_schema.subscriptions set paused = ?, ${withoutLease} where name = ?`;
  return (await rowCount(knex, pause, [why, name])) > 0;
}

export async function resumeSubscription(knex: Knex, name: string): Promise<boolean> {
  const resume = "update sequent_schema.subscriptions set paused = null where name = ?";
  return (await rowCount(knex, resume, [name])) > 0;
}

/** For a subscription that no build has any more. */
export async function forgetSubscription(knex: Knex, name: string): Promise<boolean> {
  return (await rowCount(knex, "delete from sequent_schema.subscriptions where name = ?", [name])) > 0;
}

/** Tries parked aggregates again now: one, or all of a subscription. Gives their number. */
export function retryParked(knex: Knex, name: string, aggregateId?: string): Promise<number> {
  return rowCount(
    knex,
    `update sequent_schema.parked_aggregates
        set retry_at = clock_timestamp()
      where subscription = ? and aggregate_id = coalesce(?::uuid, aggregate_id)`,
    [name, aggregateId ?? null],
  );
}

/** Leaves out the event that a parked aggregate waits for. Its later events come next. */
export async function skipParked(knex: Knex, name: string, aggregateId: string): Promise<boolean> {
  const skipped = await rowCount(
    knex,
    `update sequent_schema.parked_aggregates
        set next_number = next_number + 1, attempts = 0, retry_at = clock_timestamp()
      where subscription = ? and aggregate_id = ?`,
    [name, aggregateId],
  );
  return skipped > 0;
}
