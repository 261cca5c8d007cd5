import type { Part } from "../parts.ts";
import type { Breakdown, Figure } from "./figures.ts";
import { Lab, type LabOptions, type Series } from "./lab.ts";
import type { Progress } from "./progress.ts";

/** Measures parts one after the other. Each has databases and processes of its own. */
export class Run {
  readonly options: LabOptions;
  readonly progress: Progress;
  readonly figures: Figure[] = [];
  readonly series: Series[] = [];
  readonly breakdowns: Breakdown[] = [];
  readonly notes: string[] = [];
  readonly #started = performance.now();
  #lab: Lab | undefined;
  #stopping = false;

  constructor(options: LabOptions, progress: Progress) {
    this.options = options;
    this.progress = progress;
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1_000;
  }

  async measure(name: string, { run, seconds }: Part): Promise<void> {
    const lab = new Lab(name, this.options, this.progress);
    this.#lab = lab;
    try {
      await run(lab);
    } catch (error) {
      if (this.#stopping) return new Promise(() => {}); // what failed was stopped
      throw error;
    } finally {
      await lab.cleanup.run();
    }
    this.figures.push(...lab.figures);
    this.series.push(...lab.allSeries);
    this.breakdowns.push(...lab.breakdowns);
    this.notes.push(...lab.notes);
    this.progress.partDone(seconds);
  }

  /** Removes databases and processes, also in the middle of a measurement. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#lab?.cleanup.run();
  }
}
