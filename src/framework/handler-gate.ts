/**
 * Open while a command handler works. What the handler does not wait for goes on when the gate is closed: it would be
 * stored with another command, or not at all. So it is refused, and the unit of work with it.
 */
export class HandlerGate {
  #open = true; // a repository can be used without a unit of work
  #commandType = "";
  #loading = 0;
  #refused: WorkNotAwaited | undefined;

  async during(commandType: string, work: () => unknown): Promise<void> {
    this.#commandType = commandType;
    this.#open = true;
    try {
      const working = work();
      if (working !== undefined) await working;
    } finally {
      this.#open = false;
    }
    if (this.#loading > 0) throw this.#refuse("ended while it was still loading");
  }

  check(what: string, isDone: string): void {
    if (!this.#open) throw this.#refuse(`had ended when ${what} ${isDone}`);
  }

  /** The result never comes when the gate has closed: the command has failed by then, and nobody waits for it. */
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

  /** What was refused was thrown where perhaps nobody listens. */
  throwRefused(): void {
    if (this.#refused) throw this.#refused;
  }

  #refuse(why: string): WorkNotAwaited {
    const error = new WorkNotAwaited(this.#commandType, why);
    this.#refused ??= error;
    return error;
  }
}

/** A command handler does not wait for what it does. Before the unit of work is stored, this keeps it from being so. */
export class WorkNotAwaited extends TypeError {
  readonly commandType: string;

  constructor(commandType: string, why: string) {
    super(
      `The handler of ${commandType} ${why}. What comes so late is not stored. Write "await" before it, as in "await this.repository.loadAggregate(…)".`,
    );
    this.commandType = commandType;
  }
}
