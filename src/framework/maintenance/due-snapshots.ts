import type { Knex } from "knex";
import type { AggregateClass } from "../aggregates/aggregate-root.ts";
import { takeSnapshot } from "../aggregates/snapshot-taker.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { PostgresEventStore } from "../store/postgres/postgres-event-store.ts";
import { oneRow, rowCount, rows } from "../store/postgres/rows.ts";

export interface SnapshotTaking {
  readonly aggregates: readonly AggregateClass[];
  readonly eventTypes: EventTypes;
  /** How far it is, in aggregates. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops it after the aggregates that it is at. */
  readonly signal?: AbortSignal;
}

export interface SnapshotsTaken {
  readonly taken: number;
  /** What kept others from being taken. */
  readonly errors: readonly unknown[];
}

const pageSize = 200;
const atOnce = 2;

/** Takes the snapshots that are due, of all aggregates of the classes that want some. */
export async function takeDueSnapshots(
  knex: Knex,
  { aggregates, eventTypes, onProgress = () => {}, signal }: SnapshotTaking,
): Promise<SnapshotsTaken> {
  const eventStore = new PostgresEventStore(knex, eventTypes);
  const errors: unknown[] = [];
  let [total, done, taken] = [0, 0, 0];
  for (const aggregateClass of aggregates) total += await countDue(knex, aggregateClass);
  for (const aggregateClass of aggregates) {
    for await (const aggregateIds of dueOf(knex, aggregateClass)) {
      if (signal?.aborted) return { taken, errors };
      const takings = aggregateIds.map((id) => takeSnapshot(eventStore, aggregateClass, id));
      for (const result of await Promise.allSettled(takings)) {
        if (result.status === "rejected") errors.push(result.reason);
        else taken += Number(result.value);
      }
      done += aggregateIds.length;
      onProgress(done, Math.max(done, total));
    }
  }
  return { taken, errors };
}

/** Deletes those that no class of this program, nor of a later one, reads; gives how many. */
export async function deleteOutdatedSnapshots(
  knex: Knex,
  aggregates: readonly AggregateClass[],
): Promise<number> {
  const versions = aggregates.flatMap(({ type, snapshots }) =>
    snapshots ? [[type, snapshots.version]] : [],
  );
  return rowCount(knex, deleteOutdated, [JSON.stringify(Object.fromEntries(versions))]);
}

export function deleteAllSnapshots(knex: Knex): Promise<number> {
  return rowCount(knex, "delete from sequent_schema.aggregate_snapshots");
}

async function countDue(knex: Knex, { type, snapshots }: AggregateClass): Promise<number> {
  if (!snapshots) return 0;
  const counted = await oneRow<{ count: number }>(knex, `select count(*)::integer as count ${due}`, [
    snapshots.version,
    type,
    snapshots.every,
  ]);
  return counted.count;
}

/** The ids of those that are due, a few at a time. */
async function* dueOf(knex: Knex, { type, snapshots }: AggregateClass): AsyncGenerator<string[]> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (let page = pageSize; snapshots && page === pageSize; ) {
    const found = await rows<{ aggregate_id: string }>(
      knex,
      `select aggregate_id ${due} and aggregate_id > ? order by aggregate_id limit ?`,
      [snapshots.version, type, snapshots.every, after, pageSize],
    );
    const ids = found.map(({ aggregate_id }) => aggregate_id);
    for (let start = 0; start < ids.length; start += atOnce) yield ids.slice(start, start + atOnce);
    after = ids.at(-1) ?? after;
    page = ids.length;
  }
}

/** Numbers have no gaps: it is due where the event is there that makes it so. */
const due = `
  from sequent_schema.aggregates as aggregate
  left join (select * from sequent_schema.aggregate_snapshots where snapshot_version = ?) as snapshot
 using (aggregate_id)
 where aggregate_type = ?
   and exists (
         select from sequent_schema.events as event
          where event.aggregate_id = aggregate.aggregate_id
            and event.sequence_number = coalesce(snapshot.sequence_number, 0) + ?::integer
       )`;

const deleteOutdated = `
delete from sequent_schema.aggregate_snapshots as snapshot
 using sequent_schema.aggregates as aggregate, (select ?::jsonb as versions) as known
 where aggregate.aggregate_id = snapshot.aggregate_id
   and snapshot.snapshot_version < coalesce((versions ->> aggregate_type)::integer, 2147483647)`;
