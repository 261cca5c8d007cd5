import type { Clock } from "./clock.ts";

/**
 * Open while a handler runs. Work that the handler does not await goes on after the gate has closed. Its results would be
 * stored with another command, or not at all. So this work is refused, and the unit of work, too.
 */
export class HandlerGate {
  readonly clock: Clock | undefined;
  #open = true; // a repository can be used without a unit of work
  readonly #example: string;
  #whose = "";
  #loading = 0;
  #isUsed = false;
  #refused: WorkNotAwaited | undefined;

  constructor(clock?: Clock, example = "await this.repository.loadAggregate(…)") {
    this.clock = clock;
    this.#example = example;
  }

  /** `whose` is the beginning of a message: "The handler of AddPost". */
  async during(whose: string, work: () => unknown): Promise<void> {
    this.#whose = whose;
    this.#open = true;
    this.#isUsed = false;
    try {
      const working = work();
      if (working !== undefined) await working;
    } finally {
      this.#open = false;
    }
    if (this.#loading > 0) throw this.#refuse("ended while it was still loading");
  }

  /** False if the last handler has neither loaded nor changed anything. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  check(what: string, isDone: string): void {
    if (!this.#open) throw this.#refuse(`had ended when ${what} ${isDone}`);
    this.#isUsed = true;
  }

  /** After the gate has closed, this never resolves: the command has failed by then, and the rest of it must not run. */
  async load<Result>(what: string, load: () => Promise<Result>): Promise<Result> {
    this.check(what, "was called");
    this.#loading += 1;
    try {
      return await load();
    } finally {
      this.#loading -= 1;
      if (!this.#open) await new Promise(() => {});
    }
  }

  /** The handler may have ignored the error, so it is thrown once more. */
  throwRefused(): void {
    if (this.#refused) throw this.#refused;
  }

  #refuse(why: string): WorkNotAwaited {
    const error = new WorkNotAwaited(this.#whose, why, this.#example);
    this.#refused ??= error;
    return error;
  }
}

/** A handler did not await its work. If the unit of work is not stored yet, it never will be. */
export class WorkNotAwaited extends TypeError {
  /** Such as "The handler of AddPost". */
  readonly handler: string;

  constructor(handler: string, why: string, example: string) {
    super(
      `${handler} ${why}. Work that comes so late is not stored. Write "await" before it, as in "${example}".`,
    );
    this.handler = handler;
  }
}
