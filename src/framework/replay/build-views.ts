import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import { checkProjectors } from "../projections/check-projectors.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { PostgresConnections } from "../store/postgres/connections.ts";
import { quoted, viewSchema } from "../store/postgres/row-sql.ts";
import { oneRow, rows } from "../store/postgres/rows.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { dueProjectors } from "../store/postgres/view-states.ts";
import { rebuild } from "./project-log.ts";
import { replayState } from "./replay-state.ts";
import { goLive } from "./switch-views.ts";
import { ViewWriter } from "./view-writer.ts";

export interface ViewBuilding {
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  /** Builds nothing if there are more events than this. It would take too long, because nobody can write meanwhile. */
  readonly atMost?: number | undefined;
  /** Also gets the names of the projectors whose views are built. */
  readonly onProgress?: (done: number, total: number, names: readonly string[]) => void;
}

/**
 * Builds the views of new projectors, and of projectors with a higher version than their views, from all events. Returns the
 * names of these projectors. `knex` has a transaction open. Until it ends, nobody can store events; if it fails, nothing has
 * changed.
 */
export async function buildViews(
  knex: Knex,
  { projectors, eventTypes, atMost, onProgress = () => {} }: ViewBuilding,
): Promise<string[]> {
  checkProjectors(projectors);
  await knex.raw("lock table sequent_schema.projector_states in share row exclusive mode");
  const due = await dueProjectors(knex, projectors);
  if (due.length === 0 || (await replayState(knex))) return [];
  if (atMost !== undefined && (await hasMoreEvents(knex, atMost))) return [];
  for (const table of due.flatMap(({ tables }) => tables)) {
    await knex.raw(`drop table if exists ${viewSchema}.${quoted(table.name)}`);
    for (const sql of tableSql(table, viewSchema)) await knex.raw(sql);
  }
  await knex.raw("select sequent_schema.lock_views()");
  const { total } = await oneRow<{ total: number }>(
    knex,
    "select count(*)::integer as total from sequent_schema.events",
  );
  const names = due.map(({ savedName }) => savedName);
  // The connection of the transaction is the only one that Knex lends here.
  await new PostgresConnections(knex).use(async (connection) => {
    const writer = ViewWriter.inTransaction(connection, viewSchema);
    let done = 0;
    await rebuild(connection, writer, { projectors: due, eventTypes }, (events) => {
      done += events;
      if (done > 0) onProgress(done, Math.max(total, done), names);
    });
    await goLive(writer, due);
    await writer.commit();
  });
  return names;
}

async function hasMoreEvents(knex: Knex, count: number): Promise<boolean> {
  return (await rows(knex, "select from sequent_schema.events offset ? limit 1", [count])).length > 0;
}
