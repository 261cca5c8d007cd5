import type { Knex } from "knex";
import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { AggregateClass } from "../aggregates/aggregate-root.ts";
import { keysOf } from "../aggregates/unique-keys.ts";
import { codeOf } from "../errors/describe-error.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { PostgresEventStore } from "../store/postgres/postgres-event-store.ts";
import { rowCount, rows } from "../store/postgres/rows.ts";

interface UniqueKeyBackfillOptions {
  /** A connection as the owner of the tables, without time limits. */
  readonly knex: Knex;
  readonly eventTypes: EventTypes;
  readonly batchSize?: number;
  /** Only finds the changes and the conflicts. At the end, nobody can change keys for a moment. */
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Two aggregates want the same key, and this one does not get it. */
interface KeyConflict {
  readonly scope: string;
  readonly aggregateId: string;
  readonly takenBy: string;
}

interface Backfill {
  readonly aggregates: number;
  /** How many had other keys than their class gives. */
  readonly changed: number;
  /** How many are closed by their class, but were open in the store. */
  readonly closed: number;
  readonly conflicts: readonly KeyConflict[];
  /** These changed each time before they could be updated. */
  readonly busy: readonly string[];
}

/** The keys that an aggregate of this version should have. */
interface WantedKeys {
  readonly aggregate_id: string;
  readonly version: number;
  readonly keys: readonly { readonly scope: string; readonly key: string }[];
}

const attempts = 10;
const atOnce = 10_000;

/**
 * Run it after a class has changed its `uniqueKeys` or `isClosed`, while people write. It gives the aggregates their new keys, and
 * closes those that the class calls closed. You may stop it and run it again: each aggregate gets all of its new keys, or none.
 *
 *     const { conflicts } = await new UniqueKeyBackfill({ knex, eventTypes }).run([Author]);
 */
export class UniqueKeyBackfill {
  readonly #options: UniqueKeyBackfillOptions;
  readonly #eventStore: PostgresEventStore;
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
    const planned: WantedKeys[] = [];
    let done = 0;
    for (const aggregateClass of aggregateClasses) {
      const ids = all.filter(({ type }) => type === aggregateClass.type).map(({ id }) => id);
      for (let start = 0; start < ids.length; start += batchSize) {
        const some = ids.slice(start, start + batchSize);
        if (dryRun) planned.push(...(await this.#differing(aggregateClass, some)));
        else await this.#backfill(aggregateClass, some);
        done += some.length;
        onProgress(done, all.length);
      }
    }
    if (dryRun) await this.#try(planned);
    else await this.#retryConflicts(knex);
    const conflicts = [...this.#conflicts.values()].map(({ wanted: _, ...conflict }) => conflict);
    return {
      ...{ aggregates: done, changed: this.#changed, closed: this.#closed, conflicts },
      busy: [...this.#busy],
    };
  }

  async #backfill(aggregateClass: AggregateClass, ids: readonly string[]): Promise<void> {
    let left = ids;
    for (let attempt = 1; left.length > 0 && attempt <= attempts; attempt += 1) {
      const again = left;
      const wanted = await this.#differing(aggregateClass, left);
      left = await this.#store(this.#options.knex, wanted).catch((error) => {
        if (codeOf(error) !== "55P03" || attempt === attempts) throw error;
        return again; // the lock was not free; a longer wait would make others wait behind us
      });
    }
    for (const id of left) this.#busy.add(id);
  }

  /** Closes aggregates that their class calls closed. Returns those with other keys than wanted. */
  async #differing(aggregateClass: AggregateClass, ids: readonly string[]): Promise<WantedKeys[]> {
    const { knex, dryRun } = this.#options;
    const aggregates = await new AggregateRepository(this.#eventStore).loadAggregates(aggregateClass, ids);
    const closed = aggregates.filter(({ isClosed }) => isClosed).map(({ id }) => id);
    // A closed aggregate never opens again, so it does not matter if it changes meanwhile.
    if (closed.length > 0) this.#closed += await rowCount(knex, dryRun ? selectOpen : close, [closed]);
    const wanted = aggregates.map((aggregate) => ({
      ...{ aggregate_id: aggregate.id, version: aggregate.version },
      keys: [...keysOf(aggregate).values()],
    }));
    return rows<WantedKeys>(knex, selectDiffering, [JSON.stringify(wanted)]);
  }

  /** Returns the ids of the aggregates that have changed since they were loaded. */
  async #store(knex: Knex, wanted: readonly WantedKeys[]): Promise<string[]> {
    const wantedBy = new Map(wanted.map((each) => [each.aggregate_id, each]));
    const outcomes = await rows<KeyOutcome>(knex, storeKeys, [JSON.stringify(wanted)]);
    for (const { aggregate_id: aggregateId, outcome, scope, taken_by: takenBy } of outcomes) {
      const its = wantedBy.get(aggregateId);
      if (outcome === "stored") this.#changed += 1;
      if (outcome === "conflict" && its)
        this.#conflicts.set(aggregateId, { scope, aggregateId, takenBy, wanted: its });
    }
    return outcomes.filter(({ outcome }) => outcome === "changed").map(({ aggregate_id }) => aggregate_id);
  }

  /** An aggregate that came later may have freed the key. */
  async #retryConflicts(knex: Knex): Promise<void> {
    for (let before = Number.POSITIVE_INFINITY; this.#conflicts.size < before; ) {
      const wanted = [...this.#conflicts.values()].map((conflict) => conflict.wanted);
      before = wanted.length;
      this.#conflicts.clear();
      for (const id of await this.#store(knex, wanted)) this.#busy.add(id);
    }
  }

  /** Stores everything and undoes it, to find the same conflicts. */
  async #try(planned: readonly WantedKeys[]): Promise<void> {
    const transaction = await this.#options.knex.transaction();
    try {
      for (let start = 0; start < planned.length; start += atOnce) {
        const changed = await this.#store(transaction, planned.slice(start, start + atOnce));
        for (const id of changed) this.#busy.add(id);
      }
      await this.#retryConflicts(transaction);
    } finally {
      await transaction.rollback();
    }
  }
}

interface KeyOutcome {
  readonly aggregate_id: string;
  readonly outcome: "stored" | "conflict" | "changed";
  /** Only for a conflict. */
  readonly scope: string;
  readonly taken_by: string;
}

const selectAggregates = `
select aggregate_id as id, aggregate_type as type
  from sequent_schema.aggregates
 where aggregate_type = any (?)
 order by aggregate_id`;

const selectOpen = "select from sequent_schema.aggregates where aggregate_id = any (?) and not is_closed";

const close =
  "update sequent_schema.aggregates set is_closed = true where aggregate_id = any (?) and not is_closed";

/** The aggregates whose stored keys are not the wanted ones. */
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
