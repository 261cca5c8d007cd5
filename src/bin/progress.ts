/**
 * Shows the progress, the speed and the remaining time of one step: a bar in a terminal, otherwise a line at the end and every ten
 * seconds. It goes to stderr, so another program can read the output.
 *
 *     const progress = new Progress("Building views", "events");
 *     await migrate(knex, { onProgress: progress.at });
 *     progress.end();
 */
export class Progress {
  readonly #what: string;
  readonly #unit: string;
  readonly #out: Output;
  readonly #started = performance.now();
  #done: number | undefined;
  #total = 0;
  #shown = this.#started;

  constructor(what: string, unit: string, out: Output = process.stderr) {
    this.#what = what;
    this.#unit = unit;
    this.#out = out;
  }

  readonly at = (done: number, total: number): void => {
    this.#done = done;
    this.#total = total;
    const now = performance.now();
    if (now - this.#shown < (this.#out.isTTY ? 100 : 10_000)) return;
    this.#shown = now;
    const left = done > 0 ? `, ${duration((this.#seconds / done) * Math.max(total - done, 0))} left` : "";
    this.#write(`${this.#lineAt(done)}${left}`);
  };

  /** Prints nothing if there was nothing to do. */
  end(): void {
    if (this.#done === undefined) return;
    this.#write(`${this.#lineAt(this.#done)}, ${duration(this.#seconds)}`);
    if (this.#out.isTTY) this.#out.write("\n");
  }

  #lineAt(done: number): string {
    const rate = done / Math.max(this.#seconds, 0.001);
    return `${this.#what}${this.#barAt(done)} ${count(done)} of ${count(this.#total)} ${this.#unit}, ${count(rate)}/s`;
  }

  #barAt(done: number): string {
    if (!this.#out.isTTY) return ":";
    const filled = this.#total > 0 ? Math.round(Math.min(done / this.#total, 1) * width) : width;
    return `  ${"█".repeat(filled)}${"░".repeat(width - filled)} `;
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1_000;
  }

  #write(line: string): void {
    this.#out.write(this.#out.isTTY ? `\r\u001B[K${line}` : `${line}\n`);
  }
}

/** A stream, or its stand-in in a test. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const width = 24;

export const count = (value: number) => Math.round(value).toLocaleString("en");

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
