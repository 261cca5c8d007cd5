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

/** How many wait at most. Dropping some is safe: the next command reports them again. */
const mostWaiting = 1_000;

/** Takes snapshots in the background, one at a time. Only `onError` gets the errors. */
export class SnapshotTaker {
  readonly #eventStore: EventStore;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    eventStore: EventStore,
    onError: (error: unknown) => void = (error) => console.error(errorText(error)),
  ) {
    this.#eventStore = eventStore;
    this.#onError = onError;
  }

  takeSoon(due: readonly DueForSnapshot[]): void {
    for (const each of due) {
      if (this.#stopped || this.#waiting.size >= mostWaiting || this.#waiting.has(each.aggregateId)) continue;
      this.#waiting.add(each.aggregateId);
      this.#work = this.#work.then(() => this.#take(each));
    }
  }

  /** Resolves when no snapshot is being taken and none waits. */
  async idle(): Promise<void> {
    await this.#work;
    if (this.#waiting.size > 0) await this.idle();
  }

  /** Finishes the snapshot that it has begun, and drops the others. Call it at the end of the process. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await this.#work;
  }

  async #take({ aggregateClass, aggregateId }: DueForSnapshot): Promise<void> {
    await nextTurn(); // requests that wait for an answer come first
    if (!this.#waiting.delete(aggregateId)) return;
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
