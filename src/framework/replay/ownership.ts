import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { newId } from "../attributes/ids.ts";
import { rowCount } from "../store/postgres/rows.ts";
import { ReplayLost, ReplayUnderWay } from "./errors.ts";
import { type ReplayState, replayState } from "./replay-state.ts";
import { type ViewWriter, writerName } from "./view-writer.ts";

const beat = 500;

/** Longer than a beat is valid, because a process that was just killed leaves a valid beat. */
const patience = 4_000;

/**
 * A replay belongs to one process, which renews its beat in the database. If the beat is too old, another process may take
 * over the replay. Every transaction that writes checks that the replay still has the same owner.
 */
export class Ownership {
  readonly token = newId();
  readonly #knex: Knex;
  #beating: Promise<void> | undefined;
  #stop = new AbortController();

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Takes a replay that no process works on. Undefined if there is none. */
  async take(): Promise<ReplayState | undefined> {
    for (const started = performance.now(); performance.now() - started < patience; await sleep(beat)) {
      const state = await replayState(this.#knex);
      if (!state) return undefined;
      if (state.isRunning) continue;
      await endWriters(this.#knex, state.owner); // it may still hold locks, if its process is only suspended
      if ((await rowCount(this.#knex, takeOver, [this.token, state.owner])) !== 1) continue;
      await endWriters(this.#knex, state.owner); // transactions that begin later see the new owner
      this.begin();
      return state;
    }
    throw new ReplayUnderWay();
  }

  /** Renews the beat while the process lives. */
  begin(): void {
    this.#stop = new AbortController();
    this.#beating = this.#beat(this.#stop.signal);
  }

  /** Frees the replay for another process. Nothing more that this one writes is stored. */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    this.#beating = undefined;
    await this.#knex
      .raw("update sequent_schema.replays set owner = null where owner = ?", [this.token])
      .catch(() => {}); // then the next owner has to wait until the beat is too old
  }

  async #beat(stop: AbortSignal): Promise<void> {
    const renew = "update sequent_schema.replays set beat_at = clock_timestamp() where owner = ?";
    while (!stop.aborted) {
      await this.#knex.raw(renew, [this.token]).catch(() => {}); // the database may be unreachable for a moment
      await sleep(beat, undefined, { signal: stop }).catch(() => {});
    }
  }
}

const takeOver = `
update sequent_schema.replays set owner = ?, beat_at = clock_timestamp()
 where owner is not distinct from ?
   and (owner is null or beat_at <= clock_timestamp() - interval '3 seconds')`;

/** Ends the sessions that write for this owner, wherever their processes are. */
async function endWriters(knex: Knex, owner: string | null): Promise<void> {
  if (owner === null) return;
  await knex.raw(
    `select pg_terminate_backend(pid, 5000)
       from pg_stat_activity
      where datname = current_database() and application_name = ?`,
    [writerName(owner)],
  );
}

/**
 * Called before the COMMIT of each transaction that writes. If another process has already taken over the replay, nothing is
 * written. Otherwise that process has to wait until this transaction ends.
 */
export async function refuseIfLost(writer: ViewWriter, owner: string): Promise<void> {
  const owned = await writer.query("select from sequent_schema.replays where owner = $1 for share", [owner]);
  if (owned.length === 0) throw new ReplayLost();
}
