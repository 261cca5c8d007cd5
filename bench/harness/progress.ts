import type { Figure } from "./figures.ts";
import { lineOf } from "./table.ts";

/** Reports the progress: in a terminal by one line that changes, elsewhere by a line for each figure. */
export class Progress {
  readonly #started = performance.now();
  readonly #expected: number;
  readonly #terminal = process.stderr.isTTY;
  #doneExpected = 0;

  /** The expected time of all parts, in seconds. */
  constructor(expectedSeconds: number) {
    this.#expected = expectedSeconds;
  }

  say(what: string): void {
    if (this.#terminal) process.stderr.write(`\r\u001B[K${clock(this.#elapsed)} · ${what} · ${this.#left()}`);
  }

  figure(figure: Figure): void {
    if (!this.#terminal) process.stderr.write(`${clock(this.#elapsed)}  ${lineOf(figure)}\n`);
  }

  partDone(expectedSeconds: number): void {
    this.#doneExpected += expectedSeconds;
  }

  end(): void {
    if (this.#terminal) process.stderr.write("\r\u001B[K");
  }

  get #elapsed(): number {
    return (performance.now() - this.#started) / 1_000;
  }

  /** Estimated from the pace so far. */
  #left(): string {
    const pace = this.#doneExpected > 0 ? this.#elapsed / Math.max(this.#doneExpected, 1) : 1;
    const left = Math.max(this.#expected * Math.max(pace, 0.5) - this.#elapsed, 0);
    return left > 0 ? `about ${clock(left)} left` : "almost done";
  }
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
