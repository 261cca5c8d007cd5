import { hostname } from "node:os";
import { NotWired } from "../errors/not-wired.ts";
import type { EventTypes } from "../messages/event-types.ts";
import type { Bell } from "./bell.ts";
import type { CommandExecutor } from "./deliver.ts";
import { type SubscriptionLog, silentLog } from "./log.ts";
import type { Subscription } from "./subscription.ts";
import type { SubscriptionStore } from "./subscription-store.ts";
import { SubscriptionWorker, type WorkerTimes } from "./subscription-worker.ts";

/** All of them, none, or those with these names. */
export type WhichSubscriptions = "all" | "none" | readonly string[];

export interface SubscriptionsParts {
  readonly subscriptions: readonly Subscription[];
  readonly store: SubscriptionStore;
  readonly eventTypes: EventTypes;
  readonly commandService: CommandExecutor;
  /** Rings when something is stored. */
  readonly bell: Bell;
  /** Carries the ringing to other processes, and theirs to this one. */
  readonly signals?: { start(bell: Bell): void; stop(): Promise<void> };
  /** Which of them this process works for. By default, all. */
  readonly which?: WhichSubscriptions | undefined;
  readonly log?: SubscriptionLog | undefined;
  readonly times?: Partial<WorkerTimes> | undefined;
}

const usualTimes: WorkerTimes = {
  leaseMs: 6_000,
  renewMs: 2_000,
  takeMs: 500,
  pollMs: 250,
  retriesMs: [100, 1_000],
  parkedMs: 5_000,
};

/**
 * Runs the subscriptions of a program. Several processes may do this: each subscription has one worker at a time, and another
 * process takes over if that one ends.
 */
export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #workers: readonly SubscriptionWorker[];

  /** Throws `NotWired` if one of the names is unknown. */
  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
    const { log = silentLog, times } = parts;
    const owner = `${hostname()} ${process.pid}`;
    this.#workers = chosen(parts).map(
      (each) => new SubscriptionWorker(each, { ...parts, log, owner, times: { ...usualTimes, ...times } }),
    );
  }

  /** Also needed if this process runs none: then it wakes those that do. */
  start(): void {
    this.#parts.signals?.start(this.#parts.bell);
    for (const worker of this.#workers) worker.start();
  }

  /** Takes no more events, waits a moment for those that run, and gives the leases back. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#parts.signals?.stop();
  }
}

function chosen({ subscriptions, which = "all" }: SubscriptionsParts): readonly Subscription[] {
  if (which === "all") return subscriptions;
  if (which === "none") return [];
  const names = subscriptions.map((each) => each.class.savedName);
  const unknown = which.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new NotWired(
      unknown.map(
        (name) =>
          `There is no subscription "${name}", which SUBSCRIPTIONS names. There are: ${names.join(", ") || "none"}.`,
      ),
    );
  return subscriptions.filter((each) => which.includes(each.class.savedName));
}
