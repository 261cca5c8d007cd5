/** What has to be undone, last first: when a part is done, when it fails, and when somebody presses Ctrl-C. */
export class Cleanup {
  readonly #tasks: (() => unknown)[] = [];

  defer(task: () => unknown): void {
    this.#tasks.push(task);
  }

  async run(): Promise<void> {
    for (let task = this.#tasks.pop(); task; task = this.#tasks.pop()) {
      try {
        await task();
      } catch (error) {
        console.error("Could not clean up:", error instanceof Error ? error.message : error);
      }
    }
  }
}
