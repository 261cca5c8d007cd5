import type { Knex } from "knex";
import { PostgresConnections } from "#sequent/operations";

const cleaningInterval = 10 * 60_000;

/** Counts for the rate limits, in a table that all processes share: `migrations/002_rate_limits.ts`. */
export class RateLimits {
  readonly #database: PostgresConnections;
  #cleanedAt = performance.now();

  constructor(write: Knex) {
    this.#database = new PostgresConnections(write);
  }

  async count(
    keys: readonly { readonly key: string; readonly seconds: number }[],
  ): Promise<{ count: number; secondsLeft: number }[]> {
    const rows = await this.#database.all<CountRow>(count, [
      keys.map(({ key }) => key),
      keys.map(({ seconds }) => seconds),
    ]);
    this.#cleanNowAndThen();
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return keys.map(({ key, seconds }) => {
      const row = byKey.get(key);
      return { count: row?.count ?? 0, secondsLeft: Math.min(seconds, Math.max(1, row?.seconds_left ?? 0)) };
    });
  }

  async uncount(key: string): Promise<void> {
    await this.#database.all(uncount, [key]);
  }

  #cleanNowAndThen(): void {
    if (performance.now() - this.#cleanedAt < cleaningInterval) return;
    this.#cleanedAt = performance.now();
    this.clean().catch(() => {}); // the next call will do it
  }

  async clean(): Promise<void> {
    await this.#database.all(clean);
  }
}

interface CountRow {
  readonly key: string;
  readonly count: number;
  readonly seconds_left: number;
}

/**
 * True if the count of a key starts again: its time is over, or it would end too late because the clock was set back. Others
 * may have counted while we waited for the row, so the second check takes the time at which we have it.
 */
const isOver = `(limits.ends_at <= now() or limits.ends_at > clock_timestamp() + (excluded.ends_at - now()))`;

/** Sorted by key, so no two statements wait for each other. */
const count = `
insert into web_schema.rate_limits as limits (key, count, ends_at)
select key, 1, now() + make_interval(secs => seconds)
  from unnest($1::text[], $2::integer[]) as counted (key, seconds)
 order by key
    on conflict on constraint rate_limits_pkey do update
   set count   = case when ${isOver} then 1 else limits.count + 1 end,
       ends_at = case when ${isOver} then excluded.ends_at else limits.ends_at end
returning key, count, ceil(extract(epoch from ends_at - now()))::integer as seconds_left`;

const uncount = "update web_schema.rate_limits set count = count - 1 where key = $1 and count > 0";

const clean = `
delete from web_schema.rate_limits
 where key in (select key from web_schema.rate_limits where ends_at <= now() order by key for update skip locked)`;
