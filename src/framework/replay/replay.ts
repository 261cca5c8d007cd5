import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { PostgresConnections } from "../store/postgres/connections.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { rowCount } from "../store/postgres/rows.ts";
import { DatabaseLost, ReplayLost, ReplayNotPossible } from "./errors.ts";
import { optimize } from "./optimize.ts";
import { Ownership } from "./ownership.ts";
import { partsToDo, type ReplayPart, runPart } from "./part.ts";
import { planReplay, prepare, type ReplayPlan } from "./prepare.ts";
import { type Phase, type ReplayState, replaySchema, replayState } from "./replay-state.ts";
import { takeFromArchive } from "./roll-back.ts";
import { switchViews } from "./switch-views.ts";
import { ViewWriter } from "./view-writer.ts";

export interface ReplayOptions {
  /** A connection as the owner of the tables, without time limits. A replay needs three at once. */
  readonly knex: Knex;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  /** How many parts are replayed at the same time. */
  readonly workers?: number;
  /** How many events go into one batch of rows. */
  readonly batch?: number;
  /** About how many events a part has. */
  readonly eventsOfRange?: number;
  /** Runs a part in another process. By default, it runs here. */
  readonly runPart?: (part: ReplayPart, onEvents: (events: number) => void) => Promise<void>;
  /** Called at the beginning of each phase, and with its progress: tables for "optimize", otherwise events. */
  readonly onProgress?: (phase: Phase, done: number, total: number) => void;
}

/**
 * Builds views again while people read the old ones, and then replaces the old ones:
 *
 *     await replay.replay(await replay.plan(projectors));
 *
 * If it is killed, `resume` resumes it.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #ownership: Ownership;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#ownership = new Ownership(options.knex);
  }

  /** The replay that is under way, in this process or another one. */
  state(): Promise<ReplayState | undefined> {
    return replayState(this.#options.knex);
  }

  plan(projectors: readonly ProjectorClass[]): Promise<ReplayPlan> {
    return planReplay(this.#options.knex, projectors, this.#options.eventTypes);
  }

  async replay(plan: ReplayPlan): Promise<void> {
    const { knex, eventsOfRange } = this.#options;
    await prepare(knex, plan, this.#ownership.token, eventsOfRange);
    this.#ownership.begin();
    await this.#finish();
  }

  async resume(): Promise<void> {
    if (!(await this.#ownership.take())) throw new ReplayNotPossible("No replay is under way.");
    await this.#finish();
  }

  /** Brings back the views that the last switch replaced, and adds the events since then. */
  async rollBack(): Promise<void> {
    const { knex, projectors } = this.#options;
    await takeFromArchive(knex, projectors, this.#ownership.token);
    this.#ownership.begin();
    await this.#finish();
  }

  /** Stops, and keeps the work so far for the next process. */
  leave(): Promise<void> {
    return this.#ownership.release();
  }

  /** Deletes the new views. The live views stay as they are. */
  async abort(): Promise<boolean> {
    return this.#options.knex.transaction(async (transaction) => {
      await transaction.raw("set local lock_timeout = '60s'"); // it waits for an index that is being built
      const state = await replayState(transaction);
      const tables = state?.projectors.flatMap((projector) => projector.tables) ?? [];
      // First the tables, because writers also note their progress last.
      for (const table of tables.sort())
        await transaction.raw(`drop table if exists ${replaySchema}.${quoted(table)}`);
      await transaction.raw("delete from sequent_schema.replay_parts");
      return (await rowCount(transaction, "delete from sequent_schema.replays")) === 1;
    });
  }

  async #finish(): Promise<void> {
    let phase: Phase | undefined;
    try {
      for (let state = await this.state(); state; state = await this.state()) {
        if (state.owner !== this.#ownership.token) throw new ReplayLost();
        phase = state.phase;
        await this.#do(state);
      }
    } catch (error) {
      throw await this.#reasonOf(error, phase);
    } finally {
      await this.#ownership.release();
    }
  }

  /** If a replay is taken over, is aborted or loses its connection, many errors follow. This finds the reason. */
  async #reasonOf(error: unknown, phase: Phase | undefined): Promise<unknown> {
    const reason = DatabaseLost.orElse(error);
    try {
      const state = await this.state();
      const mayBeDone = !state && phase === "switch" && reason instanceof DatabaseLost;
      if (state?.owner !== this.#ownership.token && !mayBeDone) return new ReplayLost({ cause: error });
    } catch {} // the database is still unreachable
    return reason;
  }

  #do(state: ReplayState): Promise<void> {
    const projectors = this.#projectorsOf(state);
    if (state.phase === "run") return this.#run(state);
    if (state.phase === "optimize") return this.#optimize(projectors);
    return this.#switch(projectors);
  }

  async #run(state: ReplayState): Promise<void> {
    const { knex, workers = 1, batch = 20_000, runPart: run = this.#runHere } = this.#options;
    const parts = await partsToDo(knex, batch);
    let done = state.eventsDone;
    this.#tell("run", done, state.events);
    const work = async () => {
      for (let part = parts.shift(); part; part = parts.shift()) {
        await run(part, (events) => {
          done += events;
          this.#tell("run", done, Math.max(state.events, done));
        });
      }
    };
    const working = Array.from({ length: workers }, work);
    try {
      await Promise.all(working);
    } catch (error) {
      parts.length = 0; // the others end after their present part
      await Promise.allSettled(working);
      throw error;
    }
    await this.#next("optimize");
  }

  readonly #runHere = (part: ReplayPart, onEvents: (events: number) => void) =>
    runPart(this.#options.knex, part, this.#options, onEvents);

  async #optimize(projectors: readonly ProjectorClass[]): Promise<void> {
    const tables = projectors.flatMap((projector) => projector.tables);
    this.#tell("optimize", 0, tables.length);
    await new PostgresConnections(this.#options.knex).use((connection) => {
      const writer = ViewWriter.open(connection, replaySchema, this.#ownership.token);
      return optimize(writer, tables, (done) => this.#tell("optimize", done, tables.length));
    });
    await this.#next("switch");
  }

  async #switch(projectors: readonly ProjectorClass[]): Promise<void> {
    const { knex, eventTypes } = this.#options;
    const owner = this.#ownership.token;
    let done = 0;
    const onEvents = (events: number) => {
      done += events;
      this.#tell("switch", done, done);
    };
    onEvents(0);
    await new PostgresConnections(knex).use((connection) =>
      switchViews({ connection, projectors, eventTypes, owner, onEvents }),
    );
  }

  async #next(phase: Phase): Promise<void> {
    const noted = await rowCount(
      this.#options.knex,
      "update sequent_schema.replays set phase = ? where owner = ?",
      [phase, this.#ownership.token],
    );
    if (noted !== 1) throw new ReplayLost();
  }

  #tell(phase: Phase, done: number, total: number): void {
    this.#options.onProgress?.(phase, done, total);
  }

  /** The projectors of this program. They must have the versions that the replay began with. */
  #projectorsOf({ projectors }: ReplayState): ProjectorClass[] {
    return projectors.map(({ name, version }) => {
      const found = this.#options.projectors.find((each) => each.savedName === name);
      if (found?.version === version) return found;
      throw new ReplayNotPossible(
        `The replay under way is of ${name} ${version}, and this program has ${found?.version ?? "no such projector"}. ` +
          "Resume it with the program that began it, or end it with: npm run replay -- --abort",
      );
    });
  }
}
