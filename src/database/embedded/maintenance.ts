import type { Gate } from "./gate.ts";

/** The same rule by which autovacuum, which PGlite has not, chooses. */
const NEEDY_TABLE = `
  SELECT format('%I.%I', t.schemaname, t.relname)
  FROM pg_stat_user_tables AS t JOIN pg_class AS c ON c.oid = t.relid
  WHERE n_dead_tup > 50 + 0.2 * greatest(reltuples, 0) OR n_mod_since_analyze > 50 + 0.1 * greatest(reltuples, 0)
  ORDER BY n_dead_tup + n_mod_since_analyze DESC LIMIT 1`;

const QUIET_MS = 2_000;

/**
 * Vacuums and checkpoints while nobody waits: one statement at a time, after two quiet seconds, or between two requests
 * when there has been no quiet for ten times the interval.
 */
export class Maintenance {
  readonly #gate: Gate;
  readonly #intervalMs: number;
  readonly #timer: NodeJS.Timeout;
  #doneAt = Date.now();
  #doneTurns = 0;
  #seenTurns = 0;
  #quietSince = Date.now();

  constructor(gate: Gate, intervalMs: number) {
    this.#gate = gate;
    this.#intervalMs = intervalMs;
    this.#timer = setInterval(() => this.#look(), Math.min(intervalMs, QUIET_MS) / 4);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { turns } = this.#gate;
    if (turns !== this.#seenTurns) this.#quietSince = Date.now();
    this.#seenTurns = turns;
    if (turns === this.#doneTurns) return;
    const waited = Date.now() - this.#doneAt;
    const quiet = Date.now() - this.#quietSince >= Math.min(QUIET_MS, this.#intervalMs);
    if (waited < this.#intervalMs || (!quiet && waited < 10 * this.#intervalMs)) return;
    this.#gate.whenIdle((session) => {
      session.query("SELECT pg_stat_force_next_flush()");
      const [[table] = []] = session.query(NEEDY_TABLE);
      if (table) return void session.query(`VACUUM (ANALYZE) ${table}`);
      session.query("CHECKPOINT");
      this.#doneAt = Date.now();
      this.#doneTurns = turns;
    });
  }
}
