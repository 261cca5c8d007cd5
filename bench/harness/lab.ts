import { Cleanup } from "./cleanup.ts";
import { type Comparison, compare } from "./compare.ts";
import { type Breakdown, type Figure, median, type Unit } from "./figures.ts";
import type { Progress } from "./progress.ts";
import { createStore, type Store } from "./store.ts";

export interface LabOptions {
  readonly rounds: number;
  /** The length of a turn. */
  readonly ms: number;
  readonly quick: boolean;
  /** How long to watch the memory under load. By default some seconds. */
  readonly minutes?: number | undefined;
}

/** Works in this number of lanes at once, for this number of milliseconds. */
export type Contender<Sample> = (concurrent: number, ms: number) => Promise<Sample>;

/** Contenders for a comparison. All get the same number of lanes and the same time. */
export function at<Sample, Name extends string>(
  contenders: Readonly<Record<Name, Contender<Sample>>>,
  concurrent: number,
  ms: number,
): Record<Name, () => Promise<Sample>> {
  const turns = Object.entries<Contender<Sample>>(contenders).map(([name, work]) => [
    name,
    () => work(concurrent, ms),
  ]);
  return Object.fromEntries(turns);
}

/** Values over time. */
export interface Series {
  readonly name: string;
  readonly unit: Unit;
  readonly every: string;
  readonly points: readonly number[];
  readonly limit?: number;
}

interface Limit {
  readonly limit: number;
  readonly unit: Unit;
  /** Makes one number of all samples, by default their median. */
  readonly of?: (samples: readonly number[]) => number;
}

/** Gives a part of the bench databases, which are removed at its end, and collects its figures. */
export class Lab {
  readonly options: LabOptions;
  readonly cleanup = new Cleanup();
  readonly figures: Figure[] = [];
  readonly notes: string[] = [];
  readonly allSeries: Series[] = [];
  readonly breakdowns: Breakdown[] = [];
  readonly #part: string;
  readonly #progress: Progress;

  constructor(part: string, options: LabOptions, progress: Progress) {
    this.#part = part;
    this.options = options;
    this.#progress = progress;
  }

  createStore(name = this.#part): Promise<Store> {
    this.say("a database");
    return createStore(name, this.cleanup);
  }

  say(what: string): void {
    this.#progress.say(`${this.#part}: ${what}`);
  }

  /** Adds a line below the results. */
  note(text: string): void {
    this.notes.push(text);
  }

  breakdown(breakdown: Breakdown): void {
    this.breakdowns.push(breakdown);
  }

  series(series: Series): void {
    this.allSeries.push(series);
  }

  /**
   * Runs the contenders until V8 has compiled them, as in a server that has run for a while. That takes tens of thousands of runs,
   * more than a measurement.
   */
  async warmUp(contenders: Readonly<Record<string, Contender<unknown>>>): Promise<void> {
    for (const [name, work] of Object.entries(contenders)) {
      this.say(`warming up, ${name}`);
      await work(1, 200); // one lane does the work of the first use
      await work(16, this.options.quick ? 1_000 : 3_000);
    }
  }

  async compare<Sample, Name extends string>(
    comparison: Comparison<Sample, Name>,
    rounds = this.options.rounds,
  ): Promise<void> {
    const onRound = (round: number, of: number) =>
      this.say(`${comparison.figures[0]?.what}, ${round === 0 ? "warming up" : `round ${round} of ${of}`}`);
    this.add(...(await compare(this.#part, comparison, { rounds, onRound })));
  }

  /** Compares a measurement with a limit instead of a yardstick. */
  withinLimit(what: string, samples: readonly number[], { limit, unit, of = median }: Limit): void {
    const ours = of(samples);
    this.add({
      part: this.#part,
      what,
      against: "the limit",
      unit,
      ours,
      yardstick: limit,
      ratio: ours / limit,
      rounds: samples.map((sample) => sample / limit),
      target: { atMost: 1 },
      fixed: true,
    });
  }

  add(...figures: readonly Figure[]): void {
    for (const figure of figures) {
      this.figures.push(figure);
      this.#progress.figure(figure);
    }
  }
}
