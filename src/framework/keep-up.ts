import { setTimeout as sleep } from "node:timers/promises";
import type { EventStore } from "./event-store/event-store.ts";
import type { ProjectorClass } from "./projector.ts";

export interface KeepingUp {
  readonly eventStore: Pick<EventStore, "catchUp">;
  readonly projectors: readonly ProjectorClass[];
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Projects, again and again, what other builds have put aside for this one: nobody may come who needs it. After a
 * failure it takes its time. Gives what stops it.
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
  const stopped = keepingUp().catch(() => {}); // the sleep was broken off
  return () => {
    stopping.abort();
    return stopped;
  };
}
