import { setTimeout as sleep } from "node:timers/promises";

/** Not longer, because somebody may have started this program a moment before the blog, and looks on. */
const [shortestMs, longestMs] = [50, 5_000];

/** Pauses between tries: each is twice as long as the one before, until something has worked. */
export class Pauses {
  #last = 0;

  get nextMs(): number {
    return Math.min(longestMs, Math.max(shortestMs, 2 * this.#last));
  }

  async wait(signal: AbortSignal): Promise<void> {
    this.#last = this.nextMs;
    await sleep(this.#last, undefined, { signal }).catch(() => {}); // it is stopped
  }

  readonly reset = (): void => {
    this.#last = 0;
  };
}
