import pg from "pg";
import type { EventTypes, StoredEvent } from "../../messages/event-types.ts";
import { LiveProjection } from "../../projections/projection.ts";
import type { ProjectorClass } from "../../projections/projector.ts";
import { eventColumns } from "./columns.ts";
import type { Connection, PostgresConnections } from "./connections.ts";
import { quoted, viewSchema } from "./row-sql.ts";
import { storeError } from "./store-error.ts";
import { ViewRows } from "./view-rows.ts";

const pageSize = 1_000;

/** Projects a projector's deferred events in the order of the log, then deletes them. */
export async function projectDeferred(
  connections: PostgresConnections,
  projector: ProjectorClass,
  eventTypes: EventTypes,
): Promise<void> {
  const projectPage = async (connection: Connection): Promise<number> => {
    if (!(await holdLive(connection, projector))) return 0;
    const { rows } = await connection.query<StoredEvent>({
      text: selectPage,
      values: [projector.savedName, pageSize],
    });
    const viewRows = new ViewRows(async () => connection);
    const projection = new LiveProjection([projector], viewRows);
    // This projector has no handler for events that only a later build knows.
    for (const row of rows.filter(({ type }) => eventTypes.knows(type)))
      await projection.project(eventTypes.load(row));
    await viewRows.write(await projection.takeRemainingChanges());
    const [ids, numbers] = [rows.map((row) => row.aggregateId), rows.map((row) => row.sequenceNumber)];
    await connection.query({ text: deletePage, values: [projector.savedName, ids, numbers] });
    return rows.length;
  };
  try {
    while ((await connections.transaction(projectPage)) === pageSize);
  } catch (error) {
    throw error instanceof pg.DatabaseError ? storeError(error) : error;
  }
}

/**
 * One process projects them at a time, and only into a view of its version. To replace the tables, a replay must lock them first. So
 * the view stays live until the end of this transaction.
 */
async function holdLive(
  connection: Connection,
  { savedName, version, tables }: ProjectorClass,
): Promise<boolean> {
  const names = tables.map((table) => `${viewSchema}.${quoted(table.name)}`).sort();
  if (names.length > 0) await connection.query(`lock table ${names.join(", ")} in row exclusive mode`);
  await connection.query({ text: "select pg_advisory_xact_lock(6, hashtext($1))", values: [savedName] });
  const { rows } = await connection.query({ text: selectLive, values: [savedName, version] });
  return rows.length > 0;
}

const selectLive = "select from sequent_schema.projector_states where projector = $1 and version = $2";

const selectPage = `
select event.aggregate_id as "aggregateId",
       ${eventColumns}
  from sequent_schema.deferred_events
  join sequent_schema.events as event using (aggregate_id, sequence_number)
 where deferred_events.projector = $1
 order by event.epoch, event.position
 limit $2`;

const deletePage = `
delete from sequent_schema.deferred_events
 using unnest($2::uuid[], $3::integer[]) as done (aggregate_id, sequence_number)
 where deferred_events.projector = $1
   and deferred_events.aggregate_id = done.aggregate_id
   and deferred_events.sequence_number = done.sequence_number`;
