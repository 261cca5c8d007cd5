import { Cleanup } from "./cleanup.ts";
import { type Comparison, compare } from "./compare.ts";
import type { Figure } from "./figures.ts";
import type { Progress } from "./progress.ts";
import { createStore, type Store } from "./store.ts";

export interface LabOptions {
  readonly rounds: number;
  /** How long each contender has its turn in each round. */
  readonly ms: number;
  readonly quick: boolean;
}

/** What a part of the bench works with: databases that go away by themselves, and a place for its figures. */
export class Lab {
  readonly options: LabOptions;
  readonly cleanup = new Cleanup();
  readonly figures: Figure[] = [];
  readonly notes: string[] = [];
  readonly #part: string;
  readonly #progress: Progress;

  constructor(part: string, options: LabOptions, progress: Progress) {
    this.#part = part;
    this.options = options;
    this.#progress = progress;
  }

  get isEmbedded(): boolean {
    return !process.env["DATABASE_URL"];
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

  async compare<Sample, Name extends string>(
    comparison: Comparison<Sample, Name>,
    rounds = this.options.rounds,
  ): Promise<void> {
    const onRound = (round: number, of: number) =>
      this.say(`${comparison.figures[0]?.what}, ${round === 0 ? "warming up" : `round ${round} of ${of}`}`);
    this.add(...(await compare(this.#part, comparison, { rounds, onRound })));
  }

  /** Something that is measured against a limit and not against somebody else. */
  withinLimit(
    what: string,
    samples: readonly number[],
    { limit, unit, ours }: { readonly limit: number; readonly unit: Figure["unit"]; readonly ours: number },
  ): void {
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
