import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass, BaseAggregate } from "../aggregates/aggregate-root.ts";
import { codeOf } from "../errors/describe-error.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { PostgresEventStore } from "../store/postgres/postgres-event-store.ts";
import { rowCount, rows } from "../store/postgres/rows.ts";

export interface UniqueKeyBackfillOptions {
  /** As the owner of the tables, and without limits of time. */
  readonly knex: Knex;
  readonly eventTypes: EventTypes;
  readonly batchSize?: number;
  /** Only says what would be changed. At its end, keys cannot be changed by others for a moment. */
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
  /** How many had other keys than their class says. */
  readonly changed: number;
  /** How many are closed, as their class says, but were not in the store. */
  readonly closed: number;
  readonly conflicts: readonly KeyConflict[];
  /** These were changed by somebody each time they were looked at. */
  readonly busy: readonly string[];
}

/** The keys that an aggregate of this version is to have. */
interface WantedKeys {
  readonly aggregate_id: string;
  readonly version: number;
  readonly keys: readonly { readonly scope: string; readonly key: string }[];
}

const attempts = 10;

/**
 * After a class changed its `uniqueKeys` or `isClosed`, gives its aggregates the keys that it says, and closes those that it
 * says are closed. It runs while others write, and may be stopped and run again: of each aggregate, all keys are changed or
 * none.
 *
 *     const { conflicts } = await new UniqueKeyBackfill({ knex, eventTypes }).run([Author]);
 */
export class UniqueKeyBackfill {
  readonly #options: UniqueKeyBackfillOptions;
  readonly #eventStore: PostgresEventStore;
  /** A dry run keeps what it would store until its end. */
  readonly #planned: WantedKeys[] = [];
  readonly #conflicts = new Map<string, KeyConflict & { readonly wanted: WantedKeys }>();
  readonly #busy = new Set<string>();
  #changed = 0;
  #closed = 0;

  constructor(options: UniqueKeyBackfillOptions) {
    this.#options = options;
    this.#eventStore = new PostgresEventStore(options.knex, options.eventTypes);
  }

  async run(aggregateClasses: readonly AggregateClass[]): Promise<Backfill> {
    const { knex, batchSize = 500, dryRun = false, onProgress = () => {} } = this.#options;
    const types = aggregateClasses.map(({ type }) => type);
    const all = await rows<{ id: string; type: string }>(knex, selectAggregates, [types]);
    let done = 0;
    for (const aggregateClass of aggregateClasses) {
      const ids = all.filter(({ type }) => type === aggregateClass.type).map(({ id }) => id);
      for (let start = 0; start < ids.length; start += batchSize) {
        const some = ids.slice(start, start + batchSize);
        await this.#backfill(aggregateClass, some);
        done += some.length;
        onProgress(done, all.length);
      }
    }
    if (dryRun) await this.#tryPlanned();
    else await this.#retryConflicts(knex);
    const conflicts = [...this.#conflicts.values()].map(({ wanted: _, ...conflict }) => conflict);
    return {
      ...{ aggregates: done, changed: this.#changed, closed: this.#closed, conflicts },
      busy: [...this.#busy],
    };
  }

  async #backfill(aggregateClass: AggregateClass, ids: readonly string[]): Promise<void> {
    const { knex, dryRun } = this.#options;
    let left = ids;
    for (let attempt = 1; left.length > 0 && attempt <= attempts; attempt += 1) {
      const repository = new AggregateRepository(this.#eventStore);
      const aggregates = await repository.loadAggregates(aggregateClass, left);
      await this.#close(aggregates);
      const wanted = aggregates.map(({ id, version, uniqueKeys }) => ({
        ...{ aggregate_id: id, version },
        keys: Object.entries(uniqueKeys).flatMap(([scope, keys]) =>
          [keys].flat().map((key) => ({ scope, key })),
        ),
      }));
      const differing = await rows<WantedKeys>(knex, selectDiffering, [JSON.stringify(wanted)]);
      if (dryRun) this.#planned.push(...differing);
      left = dryRun ? [] : await this.#store(knex, differing);
    }
    for (const id of left) this.#busy.add(id);
  }

  /** A closed aggregate never opens again, so it does not matter what else happens to it meanwhile. */
  async #close(aggregates: readonly BaseAggregate[]): Promise<void> {
    const { knex, dryRun } = this.#options;
    const ids = aggregates.filter(({ isClosed }) => isClosed).map(({ id }) => id);
    const change = dryRun
      ? "select from sequent_schema.aggregates"
      : "update sequent_schema.aggregates set is_closed = true";
    if (ids.length > 0) this.#closed += await rowCount(knex, `${change} ${whereOpen}`, [ids]);
  }

  /** Gives the ids of the aggregates that somebody has changed since they were loaded. */
  async #store(knex: Knex, wanted: readonly WantedKeys[]): Promise<string[]> {
    const { batchSize = 500, dryRun } = this.#options;
    const left: string[] = [];
    for (let start = 0; start < wanted.length; start += batchSize) {
      const some = new Map(wanted.slice(start, start + batchSize).map((each) => [each.aggregate_id, each]));
      const store = () => rows<KeyOutcome>(knex, storeKeys, [JSON.stringify([...some.values()])]);
      for (const each of await (dryRun ? store() : whenFree(store))) {
        const { aggregate_id: id, outcome, scope, taken_by: takenBy } = each;
        const wants = some.get(id);
        if (outcome === "stored") this.#changed += 1;
        else if (outcome === "changed") left.push(id);
        else if (wants) this.#conflicts.set(id, { scope, aggregateId: id, takenBy, wanted: wants });
      }
    }
    return left;
  }

  /** A key may have been freed by an aggregate that came later. */
  async #retryConflicts(knex: Knex): Promise<void> {
    for (let before = Number.POSITIVE_INFINITY; this.#conflicts.size < before; ) {
      const wanted = [...this.#conflicts.values()].map((conflict) => conflict.wanted);
      before = wanted.length;
      this.#conflicts.clear();
      for (const id of await this.#store(knex, wanted)) this.#busy.add(id);
    }
  }

  /** Stores all of it and takes it back: so a dry run finds the same conflicts. */
  async #tryPlanned(): Promise<void> {
    const transaction = await this.#options.knex.transaction();
    try {
      for (const id of await this.#store(transaction, this.#planned)) this.#busy.add(id);
      await this.#retryConflicts(transaction);
    } finally {
      await transaction.rollback();
    }
  }
}

/** A program that waits for the lock longer than others may wait for it gives up, and tries again. */
async function whenFree<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== "55P03" || attempt === attempts) throw error;
      await sleep(100);
    }
  }
}

interface KeyOutcome {
  readonly aggregate_id: string;
  readonly outcome: "stored" | "conflict" | "changed";
  /** Only of a conflict. */
  readonly scope: string;
  readonly taken_by: string;
}

const selectAggregates = `
select aggregate_id as id, aggregate_type as type
  from sequent_schema.aggregates
 where aggregate_type = any (?)
 order by aggregate_id`;

const whereOpen = "where aggregate_id = any (?) and not is_closed";

/** Those whose stored keys are not the wanted ones. */
const selectDiffering = `
select wanted.*
  from jsonb_to_recordset(?::jsonb) as wanted (aggregate_id uuid, version integer, keys jsonb)
 cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'key', key)), '[]') as keys
           from sequent_schema.aggregate_unique_keys
          where aggregate_unique_keys.aggregate_id = wanted.aggregate_id
       ) as stored
 where not (wanted.keys <@ stored.keys and stored.keys <@ wanted.keys)`;

const storeKeys = "select * from sequent_schema.backfill_unique_keys(?)";
