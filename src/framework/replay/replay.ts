import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { rowCount, rows } from "../store/postgres/rows.ts";
import { type CatchUp, catchUp } from "./catch-up.ts";
import { withConnection } from "./connections.ts";
import { DatabaseLost, ReplayLost, ReplayNotPossible } from "./errors.ts";
import { optimize } from "./optimize.ts";
import { Ownership } from "./ownership.ts";
import { planReplay, prepare, type ReplayPlan, replaySchema } from "./prepare.ts";
import {
  type Phase,
  phases,
  type ReplayedProjector,
  type ReplayPart,
  type ReplayState,
  selectParts,
} from "./replay-state.ts";
import { takeFromArchive } from "./roll-back.ts";
import { type PartRun, runPart } from "./run-part.ts";
import { switchViews } from "./switch-views.ts";
import { ViewWriter } from "./view-writer.ts";

export interface ReplayOptions {
  /** As the owner of the tables, without limits of time; lends three connections. */
  readonly knex: Knex;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  /** How many parts are replayed at a time, each by a `runPart` of its own. */
  readonly workers?: number;
  /** How many events may have rows that are not stored yet. */
  readonly batch?: number;
  /** About how many events make a part. */
  readonly eventsOfRange?: number;
  /** Does a part elsewhere; without it, here. */
  readonly runPart?: (run: PartRun, onEvents: (events: number) => void) => Promise<void>;
  readonly onProgress?: OnReplayProgress;
}

export type OnReplayProgress = (step: Phase, done: number, total: number) => void;

/**
 * Builds views anew while the old ones serve, and puts them in their place:
 *
 *     await new Replay(options).replay(await plan(…));
 *
 * Each step can also be taken on its own. If killed, call the same again to resume.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #ownership: Ownership;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#ownership = new Ownership(options.knex);
  }

  /** The replay that is under way, whoever's it is. */
  state(): Promise<ReplayState | undefined> {
    return this.#ownership.state();
  }

  plan(projectors: readonly ProjectorClass[]): Promise<ReplayPlan> {
    return planReplay(this.#options.knex, projectors, this.#options.eventTypes);
  }

  /** The whole of it. */
  async replay(plan: ReplayPlan): Promise<void> {
    await this.#prepare(plan);
    this.#ownership.begin();
    await this.#finish();
  }

  /** Makes the tables and notes what is to be done, and leaves it at that. */
  async prepare(plan: ReplayPlan): Promise<void> {
    await this.#prepare(plan);
    await this.#ownership.release();
  }

  /** Resumes what is under way, up to the end or only for one step. */
  async goOn(only?: Phase): Promise<void> {
    const state = await this.#ownership.take();
    if (!state)
      throw new ReplayNotPossible("No replay is under way. Begin one with: npm run replay -- prepare");
    await this.#finish(only);
  }

  /** Brings back the views that the last switch replaced, with all that was stored since. */
  async rollBack(names: readonly string[]): Promise<void> {
    const { knex, projectors } = this.#options;
    await takeFromArchive(knex, { names, projectors, owner: this.#ownership.token });
    this.#ownership.begin();
    await this.#finish();
  }

  /** Stops, and keeps the work done so far for the next process. */
  leave(): Promise<void> {
    return this.#ownership.leave();
  }

  /** Throws away what was built; the live views stay as they are. */
  async abort(): Promise<boolean> {
    return this.#options.knex.transaction(async (transaction) => {
      await transaction.raw("set local lock_timeout = '60s'"); // an index may be in the making
      const replays = await rows<{ projectors: ReplayedProjector[] }>(
        transaction,
        "select projectors from sequent_schema.replays",
      );
      const tables = replays.flatMap(({ projectors }) => projectors.flatMap((projector) => projector.tables));
      // In the order of those who write, who note last how far they are.
      for (const table of tables.sort())
        await transaction.raw(`drop table if exists ${replaySchema}.${quoted(table)}`);
      await transaction.raw("delete from sequent_schema.replay_parts");
      return (await rowCount(transaction, "delete from sequent_schema.replays")) === 1;
    });
  }

  #prepare(plan: ReplayPlan): Promise<void> {
    const { knex, eventTypes, eventsOfRange } = this.#options;
    return prepare(knex, plan, eventTypes, this.#ownership.token, eventsOfRange);
  }

  async #finish(only?: Phase): Promise<void> {
    let phase: Phase | undefined;
    try {
      for (let state = await this.state(); state; state = await this.state()) {
        if (state.owner !== this.#ownership.token) throw new ReplayLost();
        phase = only ?? state.phase;
        refuseBefore(phase, state.phase);
        await this.#do(phase, state);
        if (only) return;
      }
    } catch (error) {
      throw await this.#reasonOf(error, phase);
    } finally {
      await this.#ownership.release();
    }
  }

  /** A replay that was taken over, aborted or cut off fails with many errors. This finds the reason. */
  async #reasonOf(error: unknown, phase: Phase | undefined): Promise<unknown> {
    const reason = DatabaseLost.orElse(error);
    try {
      const state = await this.state();
      const mayBeDone = !state && phase === "switch" && reason instanceof DatabaseLost;
      if (state?.owner !== this.#ownership.token && !mayBeDone) return new ReplayLost({ cause: error });
    } catch {} // the database is still away
    return reason;
  }

  async #do(phase: Phase, state: ReplayState): Promise<void> {
    const projectors = this.#projectorsOf(state);
    if (phase === "run") return this.#run(state);
    await withConnection(this.#options.knex, async (connection) => {
      const writer = ViewWriter.ofReplay(connection, replaySchema, this.#ownership.token);
      try {
        await this.#doAlone(phase, { writer, projectors, ...this.#shared }, state);
      } catch (error) {
        await writer.rollback().catch(() => {});
        throw error;
      }
    });
  }

  async #doAlone(phase: Phase, catching: CatchUp, state: ReplayState): Promise<void> {
    const { onProgress = () => {} } = this.#options;
    if (phase === "switch") return switchViews(catching, state.projectors);
    if (phase === "optimize") {
      const tables = state.projectors.flatMap((projector) => projector.tables).length;
      await optimize(catching.writer, catching.projectors, (done) => onProgress("optimize", done, tables));
      return this.#next("switch");
    }
    let done = 0;
    await catchUp(catching, (events) => {
      done += events;
      onProgress("catch-up", done, done);
    });
    if (state.phase === "catch-up") await this.#next("optimize");
  }

  async #run(state: ReplayState): Promise<void> {
    const { knex, workers = 1, batch = 20_000, projectors, onProgress = () => {} } = this.#options;
    const all = { projectors, eventTypes: this.#options.eventTypes };
    const run = this.#options.runPart ?? ((part, onEvents) => runPart(knex, part, all, onEvents));
    const parts = await rows<ReplayPart>(knex, selectParts);
    let done = state.eventsDone;
    const work = async () => {
      for (let part = parts.shift(); part; part = parts.shift()) {
        await run({ part, owner: this.#ownership.token, batch }, (events) => {
          done += events;
          onProgress("run", done, Math.max(state.events, done));
        });
      }
    };
    const working = Array.from({ length: workers }, work);
    try {
      await Promise.all(working);
    } catch (error) {
      parts.length = 0; // the others end with the part that they are at
      await Promise.allSettled(working);
      throw error;
    }
    await this.#next("catch-up");
  }

  async #next(phase: Phase): Promise<void> {
    const noted = await rowCount(
      this.#options.knex,
      "update sequent_schema.replays set phase = ? where owner = ?",
      [phase, this.#ownership.token],
    );
    if (noted !== 1) throw new ReplayLost();
  }

  get #shared() {
    return { eventTypes: this.#options.eventTypes, owner: this.#ownership.token };
  }

  /** Those of this program, which must be of the versions that the replay began with. */
  #projectorsOf({ projectors }: ReplayState): ProjectorClass[] {
    return projectors.map(({ name, version }) => {
      const found = this.#options.projectors.find((each) => each.savedName === name);
      if (found?.version === version) return found;
      throw new ReplayNotPossible(
        `The replay under way is of ${name} ${version}, and this program has ${found?.version ?? "no such projector"}. ` +
          "Go on with the program that began it, or end it with: npm run replay -- --abort",
      );
    });
  }
}

function refuseBefore(wanted: Phase, next: Phase): void {
  if (phases.indexOf(wanted) <= phases.indexOf(next) && wanted !== next && wanted !== "catch-up")
    throw new ReplayNotPossible(`That is done already. What comes next is: npm run replay -- ${next}`);
  if (phases.indexOf(wanted) > phases.indexOf(next))
    throw new ReplayNotPossible(`That is too early. What comes next is: npm run replay -- ${next}`);
}
