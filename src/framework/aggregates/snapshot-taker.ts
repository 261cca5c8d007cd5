import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type JsonObject, NotStorable } from "../attributes/attribute.ts";
import { errorText } from "../errors/describe-error.ts";
import { StoreUnavailable } from "../errors/store-errors.ts";
import type { EventStore } from "../store/event-store.ts";
import { type AggregateHistory, buildAggregate, loadHistories } from "./aggregate-history.ts";
import type { AggregateClass } from "./aggregate-root.ts";
import { stateFromJson, stateToJson } from "./snapshot.ts";

/** An aggregate that is due for a snapshot. */
export interface DueForSnapshot {
  readonly aggregateClass: AggregateClass;
  readonly aggregateId: string;
}

export function isSnapshotDue({ snapshots }: AggregateClass, eventsSince: number): boolean {
  return snapshots !== undefined && eventsSince >= snapshots.every;
}

/** How many wait at most. Dropping some is safe: the next command reports them again. */
const mostWaiting = 1_000;

/** Takes snapshots in the background, one at a time. Only `onError` gets the errors. */
export class SnapshotTaker {
  readonly #eventStore: EventStore;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Map<string, AggregateClass>();
  #work: Promise<void> | undefined;
  #stopped = false;

  constructor(
    eventStore: EventStore,
    onError: (error: unknown) => void = (error) => console.error(errorText(error)),
  ) {
    this.#eventStore = eventStore;
    this.#onError = onError;
  }

  takeSoon(due: readonly DueForSnapshot[]): void {
    if (this.#stopped) return;
    for (const { aggregateClass, aggregateId } of due)
      if (this.#waiting.size < mostWaiting) this.#waiting.set(aggregateId, aggregateClass);
    if (this.#waiting.size > 0) this.#work ??= this.#takeAll();
  }

  /** Resolves when no snapshot is being taken and none waits. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Finishes the snapshot that it has begun, and drops the others. Call it at the end of the process. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await this.#work;
  }

  async #takeAll(): Promise<void> {
    for (;;) {
      await nextTurn(); // requests that wait for an answer come first
      const [next] = this.#waiting;
      if (!next) break;
      this.#waiting.delete(next[0]);
      await this.#take(...next);
    }
    this.#work = undefined;
  }

  async #take(aggregateId: string, aggregateClass: AggregateClass): Promise<void> {
    try {
      await takeSnapshot(this.#eventStore, aggregateClass, aggregateId);
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#waiting.clear();
      this.#onError(error);
    }
  }
}

/** Takes the snapshot of an aggregate if it is due. Returns whether it was. If several processes do this at once, the newest snapshot stays. */
export async function takeSnapshot(
  eventStore: EventStore,
  aggregateClass: AggregateClass,
  aggregateId: string,
): Promise<boolean> {
  const [history] = await loadHistories(eventStore, aggregateClass, [aggregateId]);
  const { snapshots } = aggregateClass;
  if (!history || !snapshots || !isSnapshotDue(aggregateClass, history.events.length)) return false;
  const { version: sequenceNumber, state } = stateOf(aggregateClass, history);
  await eventStore.storeSnapshot({
    aggregateId,
    snapshotVersion: snapshots.version,
    sequenceNumber,
    state,
  });
  return true;
}

/** The state after a history, if it comes back from JSON unchanged. */
function stateOf(
  aggregateClass: AggregateClass,
  history: AggregateHistory,
): { version: number; state: JsonObject } {
  const { attributes } = aggregateClass;
  const { version, state } = buildAggregate(aggregateClass, history);
  try {
    const json = stateToJson(attributes, { ...state });
    if (isDeepStrictEqual(stateFromJson(attributes, json), { ...state })) return { version, state: json };
  } catch (error) {
    if (!(error instanceof NotStorable)) throw error;
    throw new SnapshotNotComplete(aggregateClass, error.why);
  }
  throw new SnapshotNotComplete(aggregateClass, "its JSON gives back other values");
}

/** The state of an aggregate does not come back from JSON as it was, so no snapshot is stored. */
export class SnapshotNotComplete extends Error {
  readonly aggregateType: string;

  constructor({ name, type }: AggregateClass & { readonly name?: string }, why: string) {
    super(
      `There is no snapshot of ${name}, because its state does not fit AggregateRoot("${type}", { … }): ${why}.`,
    );
    this.aggregateType = type;
  }
}
