import { setTimeout as sleep } from "node:timers/promises";

/** Connections are not given back by those who were interrupted in the middle of their work. */
const patience = 6_000;

/** What has to be undone, last first: when a part is done, when it fails, and when somebody presses Ctrl-C. */
export class Cleanup {
  readonly #tasks: (() => unknown)[] = [];
  #running: Promise<void> | undefined;

  defer(task: () => unknown): void {
    this.#tasks.push(task);
  }

  /** Asked twice at once, it is done once, and both wait for it. */
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
