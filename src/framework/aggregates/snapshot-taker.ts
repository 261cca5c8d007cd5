import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type JsonObject, NotStorable } from "../attributes/attribute.ts";
import { errorText } from "../errors/describe-error.ts";
import { StoreUnavailable } from "../errors/store-errors.ts";
import type { EventStore } from "../store/event-store.ts";
import { AggregateReader } from "./aggregate-reader.ts";
import type { AggregateClass, BaseAggregate } from "./aggregate-root.ts";
import { stateFromJson, stateToJson } from "./snapshot.ts";

export interface DueForSnapshot {
  readonly aggregateClass: AggregateClass;
  readonly aggregateId: string;
}

export function isSnapshotDue({ snapshots }: AggregateClass, eventsSince: number): boolean {
  return snapshots !== undefined && eventsSince >= snapshots.every;
}

/** Dropping some is safe: the next command reports them again. */
const mostWaiting = 1_000;

/** Takes snapshots in the background, one at a time. */
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

  /** For the end of the process: finishes the one that it has begun. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await this.#work;
  }

  async #takeAll(): Promise<void> {
    for (;;) {
      await nextTurn(); // requests come first
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

/** Takes the snapshot of an aggregate if it is due, and says whether it was. If several do so at once, the newest stays. */
export async function takeSnapshot(
  eventStore: EventStore,
  aggregateClass: AggregateClass,
  aggregateId: string,
): Promise<boolean> {
  const { snapshots } = aggregateClass;
  const [loaded] = await new AggregateReader(eventStore).load(aggregateClass, [aggregateId]);
  if (!loaded || !snapshots) return false;
  const { aggregate, snapshotAt } = loaded;
  if (!isSnapshotDue(aggregateClass, aggregate.version - snapshotAt)) return false;
  const { version: sequenceNumber } = aggregate;
  const state = completeState(aggregate);
  await eventStore.storeSnapshot({ aggregateId, snapshotVersion: snapshots.version, sequenceNumber, state });
  return true;
}

/** The state, if it comes back from JSON as it was. */
function completeState({ class: aggregateClass, state }: BaseAggregate): JsonObject {
  const { attributes } = aggregateClass;
  try {
    const json = stateToJson(attributes, { ...state });
    if (isDeepStrictEqual(stateFromJson(attributes, json), { ...state })) return json;
  } catch (error) {
    if (!(error instanceof NotStorable)) throw error;
    throw new SnapshotNotComplete(aggregateClass, error.why);
  }
  throw new SnapshotNotComplete(aggregateClass, "its JSON gives back other values");
}

/** The state of an aggregate does not come back as it is declared, so no snapshot is stored. */
export class SnapshotNotComplete extends Error {
  readonly aggregateType: string;

  constructor({ name, type }: AggregateClass, why: string) {
    super(
      `There is no snapshot of ${name}, because its state does not fit AggregateRoot("${type}", { … }): ${why}.`,
    );
    this.aggregateType = type;
  }
}
