import {
  type Difference,
  dueProjectors,
  isWorkedOn,
  type Phase,
  type ProjectorClass,
  phases,
  Replay,
  type ReplayPlan,
  type ReplayState,
  verifyViews,
} from "#sequent/operations";
import { eventTypes, projectors } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { Refused } from "./command.ts";
import { Progress } from "./progress.ts";
import { ReplayWorkers } from "./replay-workers.ts";

const steps = ["prepare", ...phases] as const;
type Step = (typeof steps)[number];

export const isStep = (word: string): word is Step => steps.some((step) => step === word);

export interface ReplayWishes {
  readonly names: readonly string[];
  readonly all: boolean | undefined;
  readonly dryRun: boolean | undefined;
  readonly only: "prepare" | undefined;
}

/** Events that a worker replays in a second: a guess, until the bar knows better. */
const guessedRate = 50_000;

/** What `npm run replay` does, and prints. */
export class ReplayRun {
  readonly #database: Database;
  readonly #workers: number;
  readonly #batch: number;
  readonly #replay: Replay;
  readonly #processes = new ReplayWorkers();
  #progress: { phase: Phase; bar: Progress } | undefined;

  /** Without workers, it is done here. */
  constructor(database: Database, { workers, batch }: { readonly workers: number; readonly batch: number }) {
    this.#database = database;
    this.#workers = Math.max(workers, 1);
    this.#batch = batch;
    this.#replay = new Replay({
      knex: database.patient,
      ...{ projectors, eventTypes, batch, workers: this.#workers },
      ...(workers > 0 && { runPart: this.#processes.run }),
      onProgress: (phase, done, total) => this.#show(phase, done, total),
    });
  }

  async replay({ names, all, dryRun, only }: ReplayWishes): Promise<void> {
    const state = await this.#replay.state();
    if (state) return this.#resume(state, names, only);
    const wanted = await this.#wanted(names, all);
    if (wanted.length === 0) return console.log(nothingIsDue);
    const plan = await this.#replay.plan(wanted);
    console.log(this.#planText(plan));
    if (dryRun) return;
    await this.#work(() => (only ? this.#replay.prepare(plan) : this.#replay.replay(plan)));
    console.log(only ? "Prepared. What comes next is: npm run replay -- run" : doneText(wanted));
  }

  async step(step: Phase): Promise<void> {
    await this.#work(() => this.#replay.goOn(step));
    const state = await this.#replay.state();
    console.log(
      state ? `Done. What comes next is: npm run replay -- ${state.phase}` : "The new views are live.",
    );
  }

  async rollBack(names: readonly string[]): Promise<void> {
    await this.#work(() => this.#replay.rollBack(names));
    console.log("The views from the archive are live again. Those that they replaced rest there now.");
  }

  async status(): Promise<void> {
    const state = await this.#replay.state();
    if (!state) return console.log("No replay is under way.");
    const what = state.projectors.map(({ name, version }) => `${name} ${version}`).join(", ");
    const done = `${count(state.eventsDone)} of ${count(state.events)} events are replayed`;
    const isRunning = await isWorkedOn(this.#database.patient, state);
    const who = isRunning
      ? "a process is working on it"
      : "no process is working on it: resume it with npm run replay";
    console.log(
      `A replay of ${what}, begun ${state.startedAt.toISOString()}: ${done}, what comes next is ${state.phase}; ${who}.`,
    );
  }

  async abort(): Promise<void> {
    const aborted = await this.#replay.abort();
    console.log(aborted ? "Aborted. The live views are as they were." : "No replay is under way.");
  }

  async verify(names: readonly string[]): Promise<void> {
    const due = await dueProjectors(this.#database.patient, projectors);
    const [stale] = due.filter(({ savedName }) => names.length === 0 || names.includes(savedName));
    if (stale)
      throw new Refused(
        `The view of ${stale.savedName} has another version than this program. Replay it first.`,
      );
    const wanted = named(names);
    const { events: total } = await this.#replay.plan(wanted);
    const bar = new Progress("Verifying", "events", total);
    let done = 0;
    const difference = await verifyViews({
      knex: this.#database.patient,
      ...{ projectors: wanted, eventTypes, batch: this.#batch },
      onProgress: (events) => {
        done += events;
        bar.at(done, Math.max(done, total));
      },
    });
    bar.end();
    if (difference) throw new Refused(differenceText(difference));
    console.log(`Verified on ${this.#database.description}: every row is what the events say.`);
  }

  async #resume(
    { projectors: under, phase }: ReplayState,
    names: readonly string[],
    only?: "prepare",
  ): Promise<void> {
    const others = names.filter((name) => !under.some((each) => each.name === name));
    if (only || others.length > 0)
      throw new Refused(
        `A replay of ${under.map(({ name }) => name).join(", ")} is under way. Resume it with: npm run replay ` +
          "(or end it with: npm run replay -- --abort)",
      );
    console.log(`Resuming the replay of ${under.map(({ name }) => name).join(", ")}: ${phase}`);
    await this.#work(() => this.#replay.goOn());
    console.log("The new views are live.");
  }

  async #wanted(names: readonly string[], all = false): Promise<readonly ProjectorClass[]> {
    if (all || names.length > 0) return named(names);
    return dueProjectors(this.#database.patient, projectors);
  }

  /** If stopped by hand, it keeps the work done so far for the next process. */
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
    console.error("\nStopped. Resume with: npm run replay (or throw it away: npm run replay -- --abort)");
    process.exit(130);
  }

  #show(phase: Phase, done: number, total: number): void {
    if (this.#progress?.phase !== phase) {
      this.#progress?.bar.end();
      this.#progress = {
        phase,
        bar: new Progress(words[phase], phase === "optimize" ? "tables" : "events", total),
      };
    }
    this.#progress.bar.at(done, total);
  }

  #planText({ projectors: planned, liveVersions, events }: ReplayPlan): string {
    const seconds = Math.ceil(events / (guessedRate * this.#workers));
    return [
      `To be built anew on ${this.#database.description}:`,
      ...planned.map(({ savedName, version, tables }) => {
        const live = liveVersions.get(savedName);
        const change = live === undefined ? `new, version ${version}` : `version ${live} to ${version}`;
        return `  ${savedName} (${change}): ${tables.map((table) => table.name).join(", ")}`;
      }),
      `${count(events)} events to read, ${this.#workers} at a time, about ${seconds} s`,
    ].join("\n");
  }
}

const words: Readonly<Record<Phase, string>> = {
  run: "Replaying",
  "catch-up": "Catching up",
  optimize: "Making indexes",
  switch: "Switching",
};

const nothingIsDue = `Nothing is due: every view has the version of its projector. To build one again all the same, name it:
  ${projectors.map(({ savedName }) => `npm run replay -- ${savedName}`).join("\n  ")}`;

const named = (names: readonly string[]): readonly ProjectorClass[] =>
  projectors.filter(({ savedName }) => names.length === 0 || names.includes(savedName));

const doneText = (done: readonly ProjectorClass[]) =>
  `The new views of ${done.map(({ savedName }) => savedName).join(", ")} are live. The old ones rest in archive_schema; to go back: npm run replay -- --rollback`;

function differenceText({ table, key, live, built }: Difference): string {
  const id = Object.entries(key)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
  const columns = Object.keys(live ?? built ?? {}).filter(
    (name) => JSON.stringify(live?.[name]) !== JSON.stringify(built?.[name]),
  );
  return [
    `${table}, ${id}: ${!live ? "the row is missing" : !built ? "there should be no such row" : "the row is not what the events say"}`,
    ...columns.map(
      (name) => `  ${name}: ${JSON.stringify(live?.[name])}, but should be ${JSON.stringify(built?.[name])}`,
    ),
    "Build the view again with: npm run replay -- <name of its projector>",
  ].join("\n");
}

const count = (number: number) => Math.round(number).toLocaleString("en");
