import { Cleanup } from "./cleanup.ts";
import { type Comparison, compare } from "./compare.ts";
import { type Breakdown, type Figure, median, type Unit } from "./figures.ts";
import type { Progress } from "./progress.ts";
import { createStore, type Store } from "./store.ts";

export interface LabOptions {
  readonly rounds: number;
  /** How long each contender has its turn in each round. */
  readonly ms: number;
  readonly quick: boolean;
  /** How long memory is watched under load; undefined for some seconds. */
  readonly minutes?: number | undefined;
}

/** Does its work in so many lanes at once, for so many milliseconds. */
export type Contender<Sample> = (concurrent: number, ms: number) => Promise<Sample>;

/** Contenders as a comparison takes them, each with as many lanes and as much time as the others. */
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

/** How something went over time. */
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
  /** What is compared of all samples; by default their median. */
  readonly of?: (samples: readonly number[]) => number;
}

/** What a part of the bench works with: databases that go away by themselves, and a place for its figures. */
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

  /** What a reader of the results should know. */
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
   * Lets V8 compile what is to be measured, as it has in a server that runs: it does so when code has run some ten
   * thousand times, which takes longer than the measuring where one waits for another.
   */
  async warmUp(contenders: Readonly<Record<string, Contender<unknown>>>): Promise<void> {
    for (const [name, work] of Object.entries(contenders)) {
      this.say(`warming up, ${name}`);
      await work(1, 200); // what is made on first use is made by one
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

  /** Something that is measured against a limit and not against somebody else. */
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
