import type { Knex } from "knex";
import type { AggregateClass } from "../aggregates/aggregate-root.ts";
import { takeSnapshot } from "../aggregates/snapshot-taker.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { PostgresEventStore } from "../store/postgres/postgres-event-store.ts";
import { rowCount, rows } from "../store/postgres/rows.ts";

interface SnapshotTaking {
  readonly aggregates: readonly AggregateClass[];
  readonly eventTypes: EventTypes;
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops after the present aggregates. */
  readonly signal?: AbortSignal;
}

interface SnapshotsTaken {
  readonly taken: number;
  readonly errors: readonly unknown[];
}

const atOnce = 2;

/** Takes all snapshots that are due, for the classes that have snapshots. */
export async function takeDueSnapshots(
  knex: Knex,
  { aggregates, eventTypes, onProgress = () => {}, signal }: SnapshotTaking,
): Promise<SnapshotsTaken> {
  const eventStore = new PostgresEventStore(knex, eventTypes);
  const classes = new Map(aggregates.map((each) => [each.type, each]));
  const wanted = aggregates.map(({ type, snapshots }) => ({ type, ...snapshots }));
  const due = await rows<{ id: string; type: string }>(knex, selectDue, [JSON.stringify(wanted)]);
  const errors: unknown[] = [];
  let taken = 0;
  for (let done = 0; done < due.length && !signal?.aborted; ) {
    const takings = due.slice(done, done + atOnce).map(async ({ id, type }) => {
      const aggregateClass = classes.get(type);
      return aggregateClass ? takeSnapshot(eventStore, aggregateClass, id) : false;
    });
    for (const result of await Promise.allSettled(takings)) {
      if (result.status === "rejected") errors.push(result.reason);
      else taken += Number(result.value);
    }
    done += takings.length;
    onProgress(done, due.length);
  }
  return { taken, errors };
}

/** Deletes the snapshots that neither this program nor a later one reads. Returns how many. */
export function deleteOutdatedSnapshots(knex: Knex, aggregates: readonly AggregateClass[]): Promise<number> {
  const versions = aggregates.flatMap(({ type, snapshots }) =>
    snapshots ? [[type, snapshots.version]] : [],
  );
  return rowCount(knex, deleteOutdated, [JSON.stringify(Object.fromEntries(versions))]);
}

export function deleteAllSnapshots(knex: Knex): Promise<number> {
  return rowCount(knex, "delete from sequent_schema.aggregate_snapshots");
}

/** The numbers of events have no gaps, so a snapshot is due if the event with the right number exists. */
const selectDue = `
select aggregates.aggregate_id as id, type
  from jsonb_to_recordset(?::jsonb) as wanted (type text, version integer, every integer)
  join sequent_schema.aggregates on aggregate_type = type
  left join sequent_schema.aggregate_snapshots as snapshot
    on snapshot.aggregate_id = aggregates.aggregate_id and snapshot_version = version
 where exists (
         select from sequent_schema.events as event
          where event.aggregate_id = aggregates.aggregate_id
            and event.sequence_number = coalesce(snapshot.sequence_number, 0) + every
       )
 order by id`;

const deleteOutdated = `
delete from sequent_schema.aggregate_snapshots as snapshot
 using sequent_schema.aggregates as aggregate, (select ?::jsonb as versions) as known
 where aggregate.aggregate_id = snapshot.aggregate_id
   and snapshot.snapshot_version < coalesce((versions ->> aggregate_type)::integer, 2147483647)`;
