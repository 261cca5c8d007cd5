import { setTimeout as sleep } from "node:timers/promises";

/** Interrupted work never releases its connections. */
const patience = 6_000;

/** Undoes things, the last one first: after a part, after a failure, and on Ctrl-C. */
export class Cleanup {
  readonly #tasks: (() => unknown)[] = [];
  #running: Promise<void> | undefined;

  defer(task: () => unknown): void {
    this.#tasks.push(task);
  }

  /** Two calls at the same time wait for the same work. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let task = this.#tasks.pop(); task; task = this.#tasks.pop()) {
      try {
        await Promise.race([task(), sleep(patience)]);
      } catch (error) {
        console.error("Could not clean up:", error instanceof Error ? error.message : error);
      }
    }
  }
}
