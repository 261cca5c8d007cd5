/** Wakes who waits for new events, in this process. It does not miss a ring between reading and waiting. */
export class Bell {
  readonly #waiting = new Set<() => void>();
  #rings = 0;
  /** Called at each ring, to wake other processes, too. */
  onRing: () => void = () => {};

  /** How often it has rung. Ask before you read, and wait from there. */
  get rings(): number {
    return this.#rings;
  }

  /** Something was stored here. */
  readonly ring = (): void => {
    this.wake();
    this.onRing();
  };

  /** Something may have been stored elsewhere. */
  readonly wake = (): void => {
    this.#rings += 1;
    for (const wake of this.#waiting) wake();
  };

  /** Resolves when it rings, and it has rung more often than so, or when the time is over. True if it rang. */
  wait(rings: number, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#rings !== rings) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (rang: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", stop);
        resolve(rang);
      };
      const wake = () => end(true);
      const stop = () => end(false);
      const timer = setTimeout(stop, milliseconds);
      this.#waiting.add(wake);
      signal?.addEventListener("abort", stop);
      if (signal?.aborted) stop();
    });
  }
}
