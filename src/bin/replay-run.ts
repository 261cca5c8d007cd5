import {
  type Difference,
  dueProjectors,
  type Phase,
  type ProjectorClass,
  Replay,
  type ReplayPlan,
  type ReplayState,
  verifyViews,
} from "#sequent/operations";
import { eventTypes, projectors } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { Refused } from "./command.ts";
import { count, Progress } from "./progress.ts";
import { ReplayWorkers } from "./replay-workers.ts";

/** How many events a worker replays in a second: a guess for the plan. */
const guessedRate = 50_000;

/** The work and the output of `npm run replay`. */
export class ReplayRun {
  readonly #database: Database;
  readonly #workers: number;
  readonly #batch: number;
  readonly #replay: Replay;
  readonly #processes = new ReplayWorkers();
  #progress: { phase: Phase; bar: Progress } | undefined;

  constructor(database: Database, { workers, batch }: { readonly workers: number; readonly batch: number }) {
    this.#database = database;
    this.#workers = workers;
    this.#batch = batch;
    this.#replay = new Replay({
      knex: database.patient,
      ...{ projectors, eventTypes, batch, workers },
      runPart: this.#processes.run,
      onProgress: (phase, done, total) => this.#show(phase, done, total),
    });
  }

  async replay(names: readonly string[], { all, dryRun }: { all: boolean; dryRun: boolean }): Promise<void> {
    const state = await this.#replay.state();
    if (state) return this.#resume(state, names);
    const wanted =
      all || names.length > 0 ? named(names) : await dueProjectors(this.#database.patient, projectors);
    if (wanted.length === 0) return console.log(nothingIsDue);
    const plan = await this.#replay.plan(wanted);
    console.log(this.#planText(plan));
    if (dryRun) return;
    await this.#work(() => this.#replay.replay(plan));
    console.log(
      `The new views of ${listOf(wanted)} are live. The old ones are in archive_schema. To go back: npm run replay -- --rollback`,
    );
  }

  async rollBack(): Promise<void> {
    await this.#work(() => this.#replay.rollBack());
    console.log(
      "The views from the archive are live again. The views that they replaced are in the archive now.",
    );
  }

  async status(): Promise<void> {
    const state = await this.#replay.state();
    if (!state) return console.log("No replay is under way.");
    const what = state.projectors.map(({ name, version }) => `${name} ${version}`).join(", ");
    const done = `${count(state.eventsDone)} of ${count(state.events)} events are replayed`;
    const who = state.isRunning
      ? "A process is working on it."
      : "No process is working on it. Resume it with: npm run replay";
    console.log(
      `A replay of ${what}, begun ${state.startedAt.toISOString()}: ${done}; the phase is "${state.phase}". ${who}`,
    );
  }

  async abort(): Promise<void> {
    const aborted = await this.#replay.abort();
    console.log(aborted ? "Aborted. The live views are as they were." : "No replay is under way.");
  }

  async verify(names: readonly string[]): Promise<void> {
    const knex = this.#database.patient;
    const wanted = named(names);
    const [stale] = await dueProjectors(knex, wanted);
    if (stale)
      throw new Refused(
        `The view of ${stale.savedName} has another version than this program. Replay it first.`,
      );
    const { events: total } = await this.#replay.plan(wanted);
    const bar = new Progress("Verifying", "events");
    let done = 0;
    const onProgress = (events: number) => {
      done += events;
      bar.at(done, Math.max(done, total));
    };
    const difference = await verifyViews({
      ...{ knex, projectors: wanted, eventTypes, batch: this.#batch, onProgress },
    });
    bar.end();
    if (difference) throw new Refused(differenceText(difference));
    console.log(`Verified on ${this.#database.description}: every row agrees with the events.`);
  }

  async #resume({ projectors: under, phase }: ReplayState, names: readonly string[]): Promise<void> {
    const what = under.map(({ name }) => name).join(", ");
    if (names.some((name) => !under.some((each) => each.name === name)))
      throw new Refused(
        `A replay of ${what} is under way. Resume it with: npm run replay (or end it with: npm run replay -- --abort)`,
      );
    console.log(`Resuming the replay of ${what}: ${phase}`);
    await this.#work(() => this.#replay.resume());
    console.log("The new views are live.");
  }

  /** If it is stopped by hand, it keeps the work so far for the next process. */
  async #work(work: () => Promise<void>): Promise<void> {
    let stopping: Promise<never> | undefined;
    const stop = () => {
      stopping = this.#stop();
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
    try {
      await work();
      this.#progress?.bar.end();
    } catch (error) {
      if (stopping !== undefined) await stopping; // the stop makes the work fail
      throw error;
    } finally {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      this.#processes.end();
    }
  }

  async #stop(): Promise<never> {
    await this.#replay.leave();
    console.error(
      "\nStopped. To resume: npm run replay (to delete the new views: npm run replay -- --abort)",
    );
    process.exit(130);
  }

  #show(phase: Phase, done: number, total: number): void {
    if (this.#progress?.phase !== phase) {
      this.#progress?.bar.end();
      this.#progress = { phase, bar: new Progress(...bars[phase]) };
    }
    this.#progress.bar.at(done, total);
  }

  #planText({ projectors: planned, liveVersions, events }: ReplayPlan): string {
    const seconds = Math.ceil(events / (guessedRate * this.#workers));
    return [
      `To be built again on ${this.#database.description}:`,
      ...planned.map(({ savedName, version, tables }) => {
        const change = changeOf(liveVersions.get(savedName), version);
        return `  ${savedName} (${change}): ${tables.map((table) => table.name).join(", ")}`;
      }),
      `${count(events)} events to read, by ${this.#workers === 1 ? "1 worker" : `${this.#workers} workers`}, about ${seconds} s`,
    ].join("\n");
  }
}

function changeOf(live: number | undefined, version: number): string {
  if (live === undefined) return `new, version ${version}`;
  return live === version ? `version ${version}` : `version ${live} to ${version}`;
}

const bars: Readonly<Record<Phase, readonly [what: string, unit: string]>> = {
  run: ["Replaying", "events"],
  optimize: ["Making indexes", "tables"],
  switch: ["Catching up", "events"],
};

const nothingIsDue = `Nothing is due: every view has the version of its projector. To build one again anyway, name it:
  ${projectors.map(({ savedName }) => `npm run replay -- ${savedName}`).join("\n  ")}`;

const named = (names: readonly string[]): readonly ProjectorClass[] =>
  projectors.filter(({ savedName }) => names.length === 0 || names.includes(savedName));

const listOf = (some: readonly ProjectorClass[]) => some.map(({ savedName }) => savedName).join(", ");

function differenceText({ table, key, live, built }: Difference): string {
  const id = Object.entries(key).map(([name, value]) => `${name} = ${value}`);
  const wrong = !live
    ? "the row is missing"
    : !built
      ? "there should be no such row"
      : "the row does not agree with the events";
  const columns = Object.keys(live ?? built ?? {}).flatMap((name) => {
    const [is, should] = [JSON.stringify(live?.[name]), JSON.stringify(built?.[name])];
    return is === should ? [] : [`  ${name}: ${is}, but should be ${should}`];
  });
  return [
    `${table}, ${id.join(", ")}: ${wrong}`,
    ...columns,
    "Build the view again with: npm run replay -- <name of its projector>",
  ].join("\n");
}
