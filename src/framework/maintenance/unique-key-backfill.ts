import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { AggregateRepository, composeKey, keysOf } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { emptyUnit } from "../store/event-store.ts";
import { PostgresEventStore } from "../store/postgres/postgres-event-store.ts";
import { oneRow, rows } from "../store/postgres/rows.ts";
import { isLockTimeout } from "../store/postgres/store-error.ts";
import { dryRun, type KeyOutcome, type WantedKeys } from "./planned-keys.ts";

export interface UniqueKeyBackfillOptions {
  /** As the owner of the tables, and without limits of time. */
  readonly knex: Knex;
  readonly eventTypes: EventTypes;
  readonly batchSize?: number;
  /** Nothing is changed, and it is told what would be. */
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Two aggregates want the same key: the first has not got it. */
export interface KeyConflict {
  readonly scope: string;
  readonly aggregateId: string;
  readonly takenBy: string;
}

export interface Backfill {
  readonly aggregates: number;
  /** Those whose keys were not those that their class says. */
  readonly changed: number;
  /** Those that their class says are closed, and the store did not know. */
  readonly closed: number;
  readonly conflicts: readonly KeyConflict[];
  /** Somebody changed them each time that they were looked at. */
  readonly busy: readonly string[];
}

const attempts = 10;

/**
 * Gives all aggregates the keys that their classes say, after a class changed its `uniqueKeys`, and closes those of which
 * their class says by now that they are. It runs beside those who
 * write, and may be stopped and run again: of each aggregate, all keys are changed or none.
 *
 *     const { conflicts } = await new UniqueKeyBackfill({ knex, eventTypes }).run([Author]);
 */
export class UniqueKeyBackfill {
  readonly #options: UniqueKeyBackfillOptions;
  readonly #eventStore: PostgresEventStore;
  readonly #store: (wanted: readonly WantedKeys[]) => Promise<KeyOutcome[]>;
  #changed = 0;
  readonly #closed = new Set<string>();
  readonly #conflicts = new Map<string, KeyConflict & { readonly aggregateClass: AggregateClass }>();
  readonly #busy = new Set<string>();

  constructor(options: UniqueKeyBackfillOptions) {
    this.#options = options;
    this.#eventStore = new PostgresEventStore(options.knex, options.eventTypes);
    this.#store = options.dryRun ? dryRun(options.knex) : (wanted) => storeKeys(options.knex, wanted);
  }

  async run(aggregateClasses: readonly AggregateClass[]): Promise<Backfill> {
    const { knex, batchSize = 500, onProgress = () => {} } = this.#options;
    const types = aggregateClasses.map(({ type }) => type);
    const { total } = await oneRow<{ total: number }>(knex, count, [types]);
    let done = 0;
    for (const aggregateClass of aggregateClasses) {
      let after = "00000000-0000-0000-0000-000000000000";
      for (;;) {
        const bindings = [aggregateClass.type, after, batchSize];
        const next = await rows<{ aggregate_id: string }>(knex, nextAggregates, bindings);
        const ids = next.map(({ aggregate_id }) => aggregate_id);
        await this.#backfill(aggregateClass, ids);
        done += ids.length;
        onProgress(done, total);
        after = ids.at(-1) ?? after;
        if (ids.length < batchSize) break;
      }
    }
    await this.#retryConflicts();
    const conflicts = [...this.#conflicts.values()].map(({ aggregateClass: _, ...conflict }) => conflict);
    return {
      aggregates: done,
      changed: this.#changed,
      closed: this.#closed.size,
      conflicts,
      busy: [...this.#busy],
    };
  }

  async #backfill(aggregateClass: AggregateClass, ids: readonly string[]): Promise<void> {
    let left = ids;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt > attempts) {
        for (const id of left) this.#busy.add(id);
        return;
      }
      const aggregates = await this.#load(aggregateClass, left);
      await this.#close(aggregates);
      const wanted = await this.#differing(aggregates);
      const outcomes = wanted.length > 0 ? await this.#store(wanted) : [];
      for (const outcome of outcomes) this.#note(aggregateClass, outcome);
      left = outcomes.filter(({ outcome }) => outcome === "changed").map(({ aggregate_id }) => aggregate_id);
    }
  }

  #note(aggregateClass: AggregateClass, { aggregate_id: id, outcome, scope, taken_by }: KeyOutcome): void {
    if (outcome === "stored") this.#changed += 1;
    if (outcome === "conflict" && scope !== null && taken_by !== null)
      this.#conflicts.set(id, { scope, aggregateId: id, takenBy: taken_by, aggregateClass });
  }

  /** A key may have been freed by an aggregate that came later. */
  async #retryConflicts(): Promise<void> {
    for (let before = Number.POSITIVE_INFINITY; this.#conflicts.size < before; ) {
      const conflicts = [...this.#conflicts.values()];
      before = conflicts.length;
      this.#conflicts.clear();
      for (const { aggregateClass, aggregateId } of conflicts)
        await this.#backfill(aggregateClass, [aggregateId]);
    }
  }

  #load(aggregateClass: AggregateClass, ids: readonly string[]): Promise<BaseAggregate[]> {
    return new AggregateRepository(this.#eventStore).loadAggregates(aggregateClass, ids);
  }

  /** What is closed never opens again, so it does not matter what else happens to it meanwhile. */
  async #close(aggregates: readonly BaseAggregate[]): Promise<void> {
    const ids = aggregates.filter(({ isClosed }) => isClosed).map(({ id }) => id);
    if (ids.length === 0) return;
    const { knex, dryRun } = this.#options;
    const open = await rows<{ aggregate_id: string }>(knex, openOnes, [ids]);
    const closed = open.map(({ aggregate_id }) => aggregate_id);
    for (const id of closed) this.#closed.add(id);
    if (closed.length > 0 && !dryRun) await this.#eventStore.store(async () => ({ ...emptyUnit, closed }));
  }

  /** What the aggregates want to have, of those that have something else. */
  async #differing(aggregates: readonly BaseAggregate[]): Promise<WantedKeys[]> {
    const { knex } = this.#options;
    const ids = aggregates.map(({ id }) => id);
    const stored = new Map<string, Set<string>>();
    for (const { aggregate_id, scope, key } of await rows<KeyRow>(knex, keysOfAggregates, [ids])) {
      const keys = stored.get(aggregate_id) ?? new Set();
      stored.set(aggregate_id, keys.add(composeKey(scope, key)));
    }
    return aggregates.flatMap((aggregate) => {
      const wanted = keysOf(aggregate);
      const had = stored.get(aggregate.id) ?? new Set();
      if (wanted.length === had.size && wanted.every((key) => had.has(key))) return [];
      const keys = wanted.map((composed) => {
        const [scope, key] = JSON.parse(composed) as [string, string];
        return { scope, key };
      });
      return { aggregate_id: aggregate.id, version: aggregate.version, keys };
    });
  }
}

interface KeyRow {
  readonly aggregate_id: string;
  readonly scope: string;
  readonly key: string;
}

/** Who waits for the lock longer than others may wait for us gives up, and tries again. */
async function storeKeys(knex: Knex, wanted: readonly WantedKeys[]): Promise<KeyOutcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const select = "select * from sequent_schema.backfill_unique_keys(?)";
      return await rows<KeyOutcome>(knex, select, [JSON.stringify(wanted)]);
    } catch (error) {
      if (!isLockTimeout(error) || attempt === attempts) throw error;
      await sleep(100);
    }
  }
}

const openOnes =
  "select aggregate_id from sequent_schema.aggregates where aggregate_id = any (?) and not is_closed";

const count =
  "select count(*)::integer as total from sequent_schema.aggregates where aggregate_type = any (?)";

const nextAggregates = `
select aggregate_id
  from sequent_schema.aggregates
 where aggregate_type = ? and aggregate_id > ?
 order by aggregate_id
 limit ?`;

const keysOfAggregates = `
select aggregate_id, scope, key from sequent_schema.aggregate_unique_keys where aggregate_id = any (?)`;
