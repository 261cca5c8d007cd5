import { setTimeout as sleep } from "node:timers/promises";
import type { ProjectorClass } from "../projections/projector.ts";
import type { EventStore } from "./event-store.ts";

interface KeepingUp {
  readonly eventStore: Pick<EventStore, "catchUp">;
  readonly projectors: readonly ProjectorClass[];
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Projects the events that other builds have deferred for this one. Runs on a timer, because no command may arrive to
 * trigger it. After a failure it waits longer. Gives a function that stops it.
 *
 *     const stop = keepUp({ eventStore, projectors, everyMs: 250, onError: (error) => log.warn(error) });
 */
export function keepUp({ eventStore, projectors, everyMs, onError }: KeepingUp): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const keepingUp = async () => {
    for (let pause = everyMs; ; ) {
      await sleep(pause, undefined, { signal, ref: false });
      pause = everyMs;
      try {
        await eventStore.catchUp(projectors);
      } catch (error) {
        onError(error);
        pause = 20 * everyMs;
      }
    }
  };
  const stopped = keepingUp().catch(() => {}); // stopped while it slept
  return () => {
    stopping.abort();
    return stopped;
  };
}
