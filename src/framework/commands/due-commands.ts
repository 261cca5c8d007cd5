import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailable } from "../errors/store-errors.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import type { CommandService } from "./command-service.ts";

/** A command, and when it is due by the clock of the database. */
export interface DueCommand {
  readonly command: BaseCommand;
  /** Not positive if it is due. */
  readonly dueInMs: number;
}

/** Gives the next commands, the earliest first. They wait in a view, which their effect takes them out of. */
export type DueCommands = () => Promise<readonly DueCommand[]>;

interface Sending {
  readonly commandService: Pick<CommandService, "executeCommands">;
  readonly sources: readonly DueCommands[];
  /** Asks at least this often, for what has become due since. */
  readonly everyMs: number;
  /** Gets each command that had an effect. Several processes may send the same one at the same moment. */
  readonly onSent: (command: BaseCommand, lateMs: number) => void;
  /** Gets each error once, however often it comes in a row. */
  readonly onError: (error: unknown) => void;
}

/**
 * Sends commands when they are due. Any number of processes may do so: a command has an id of its own, so it has one effect. And it
 * must do nothing if it is not wanted any more. Gives a function that stops it, after the command that runs.
 *
 *     const stop = sendWhenDue({ commandService, sources: [dueReminders], everyMs: 1_000, onSent, onError });
 */
export function sendWhenDue({ sources, ...parts }: Sending): () => Promise<void> {
  const stopping = new AbortController();
  const stopped = Promise.all(sources.map((source) => new Sender(source, parts, stopping.signal).send()));
  return async () => {
    stopping.abort();
    await stopped;
  };
}

class Sender {
  readonly #source: DueCommands;
  readonly #parts: Omit<Sending, "sources">;
  readonly #signal: AbortSignal;
  /** Those of the last round. If one comes again, its view is late: it has had its effect. */
  #sent: readonly string[] = [];
  #lastError: string | undefined;

  constructor(source: DueCommands, parts: Omit<Sending, "sources">, signal: AbortSignal) {
    this.#source = source;
    this.#parts = parts;
    this.#signal = signal;
  }

  async send(): Promise<void> {
    while (!this.#signal.aborted) {
      const pause = await this.#sendDue();
      await sleep(pause, undefined, { signal: this.#signal, ref: false }).catch(() => {}); // stopped while it slept
    }
  }

  /** Returns how long to sleep: until the next one is due. If nothing had an effect, it does not ask again at once. */
  async #sendDue(): Promise<number> {
    const before = this.#sent;
    this.#sent = [];
    let [sent, failed] = [0, 0];
    try {
      for (const { command, dueInMs } of await this.#source()) {
        if (this.#signal.aborted) return 0;
        if (dueInMs > 0) return sent > 0 ? 0 : Math.min(Math.ceil(dueInMs), this.#parts.everyMs);
        await this.#execute(command).then(
          (hadEffect) => {
            this.#sent = [...this.#sent, command.commandId];
            if (!hadEffect || before.includes(command.commandId)) return;
            sent += 1;
            this.#parts.onSent(command, Math.round(-dueInMs));
          },
          (error) => {
            failed += 1;
            this.#report(error);
            if (error instanceof StoreUnavailable) throw error;
          },
        );
      }
      if (failed === 0) this.#lastError = undefined;
    } catch (error) {
      this.#report(error);
      return this.#parts.everyMs;
    }
    return sent > 0 ? 0 : this.#parts.everyMs;
  }

  async #execute(command: BaseCommand): Promise<boolean> {
    const [result] = await this.#parts.commandService.executeCommands(command);
    return result !== undefined && result.eventCount > 0;
  }

  #report(error: unknown): void {
    const text = String(error);
    if (text !== this.#lastError) this.#parts.onError(error);
    this.#lastError = text;
  }
}
