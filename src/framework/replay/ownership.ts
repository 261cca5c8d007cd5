import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { newId } from "../attributes/ids.ts";
import { rowCount, rows } from "../store/postgres/rows.ts";
import { ReplayLost, ReplayUnderWay } from "./errors.ts";
import { type ReplayState, selectState } from "./replay-state.ts";
import { type ViewWriter, writerName } from "./view-writer.ts";

const beat = 500;

/**
 * A replay belongs to one process, which updates a heartbeat in the database. If the heartbeat stops, another process may
 * take the replay over. Every transaction that writes checks that the replay still has the same owner.
 */
export class Ownership {
  readonly token = newId();
  readonly #knex: Knex;
  #beating: Promise<void> | undefined;
  #stop = new AbortController();

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  state(): Promise<ReplayState | undefined> {
    return replayState(this.#knex);
  }

  /** Takes a replay that no process works on. Undefined if there is none. */
  async take(): Promise<ReplayState | undefined> {
    const found = await this.state();
    if (found && (await isWorkedOn(this.#knex, found))) throw new ReplayUnderWay();
    const state = await this.state();
    if (!state) return undefined;
    await endWriters(this.#knex, state.owner); // it may still hold locks, if its process is only suspended
    const taken = await rowCount(
      this.#knex,
      "update sequent_schema.replays set owner = ? where owner is not distinct from ? and heartbeat = ?",
      [this.token, state.owner, state.heartbeat],
    );
    if (taken !== 1) throw new ReplayUnderWay();
    await endWriters(this.#knex, state.owner); // transactions that begin later see the new owner
    this.begin();
    return state;
  }

  /** Keeps the heart beating while the process lives. */
  begin(): void {
    this.#stop = new AbortController();
    this.#beating = this.#beat(this.#stop.signal);
  }

  /** Stops in the middle of the work, and frees the replay for another process. */
  async leave(): Promise<void> {
    await endWriters(this.#knex, this.token).catch(() => {}); // then the next owner does so
    await this.release();
  }

  /** Frees the replay for another process. */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    this.#beating = undefined;
    await this.#knex
      .raw("update sequent_schema.replays set owner = null where owner = ?", [this.token])
      .catch(() => {}); // then the next owner waits until the heartbeat is too old
  }

  async #beat(stop: AbortSignal): Promise<void> {
    const update = "update sequent_schema.replays set heartbeat = heartbeat + 1 where owner = ?";
    while (!stop.aborted) {
      await this.#knex.raw(update, [this.token]).catch(() => {}); // a database that is away for a moment
      await sleep(beat, undefined, { signal: stop }).catch(() => {});
    }
  }
}

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

/** The replay that is under way, whoever's it is. */
export async function replayState(knex: Knex): Promise<ReplayState | undefined> {
  const [state] = await rows<ReplayState>(knex, selectState);
  return state;
}

/**
 * Whether a process works on it: then its heartbeat changes within three seconds. A single beat may be the last one of a
 * process that was killed, whose statement waited for a lock.
 */
export async function isWorkedOn(knex: Knex, first: ReplayState): Promise<boolean> {
  let [known, beats] = [first, 0];
  for (let waited = 0; waited < 6 && known.owner !== null; waited += 1) {
    await sleep(beat);
    const now = await replayState(knex);
    if (!now) return false;
    if (now.owner !== known.owner || now.heartbeat !== known.heartbeat) beats += 1;
    if (beats === 2) return true;
    known = now;
  }
  return false;
}

/**
 * The last statement but one of a transaction that writes: whoever would take the replay over waits until it has ended;
 * where that has happened, nothing is written.
 */
export async function refuseIfLost(writer: ViewWriter, owner: string): Promise<void> {
  const rows = await writer.query("select from sequent_schema.replays where owner = $1 for share", [owner]);
  if (rows.length === 0) throw new ReplayLost();
}
