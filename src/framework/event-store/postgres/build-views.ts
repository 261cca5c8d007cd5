import type { Knex } from "knex";
import type { EventTypes } from "../../event.ts";
import { LiveProjection } from "../../live-projection.ts";
import type { ProjectorClass } from "../../projector.ts";
import { PostgresConnections } from "./connections.ts";
import { type EventRow, eventOf } from "./event-row.ts";
import { GroupCommit } from "./group-commit.ts";
import { LiveViews } from "./live-views.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";
import { quoted, viewSchema } from "./row-sql.ts";
import { tableSql } from "./schema.ts";

export interface ViewBuilding {
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  /** With more events than this nothing is built: it would take long, and nobody could write meanwhile. */
  readonly atMost?: number | undefined;
  /** How far the replay is, in events. */
  readonly onProgress?: (done: number, total: number) => void;
}

const pageSize = 1_000;

/**
 * Makes the tables of new projectors, and makes those anew whose projector has a higher version than their rows come
 * from, both from all that ever happened. Gives the names of these projectors. It is one transaction, which `knex` has
 * open: nobody stores events meanwhile, and if it fails, everything stays as it was.
 */
export async function buildViews(
  knex: Knex,
  { projectors, eventTypes, atMost, onProgress }: ViewBuilding,
): Promise<string[]> {
  await knex.raw("lock table sequent_schema.projector_states in share row exclusive mode");
  const due = await dueProjectors(knex, projectors);
  if (due.length === 0 || (atMost !== undefined && (await hasMoreEvents(knex, atMost)))) return [];
  for (const table of due.flatMap(({ tables }) => tables)) {
    await knex.raw(`drop table if exists ${viewSchema}.${quoted(table.name)}`);
    for (const sql of tableSql(table, viewSchema)) await knex.raw(sql);
  }
  await knex.raw("select sequent_schema.lock_views()");
  await replay(knex, { projectors: due, eventTypes, onProgress: onProgress ?? (() => {}) });
  await goLive(knex, due);
  return due.map(({ name }) => name);
}

/**
 * Says that the views of these projectors are live, with all that is stored in them: what other builds have put aside
 * for them is forgotten, and units of work that were made for the views before are refused and made again. In a
 * transaction that holds the tables in access exclusive mode, and has called `lock_views` before it read the last events.
 */
export async function goLive(knex: Knex, projectors: readonly ProjectorClass[]): Promise<void> {
  for (const { name, version, tables } of projectors)
    await knex.raw(noteVersion, [name, version, tables.map((table) => table.name)]);
}

/** A projector, and the version of it that its view comes from; undefined where it has none. */
export interface ViewState {
  readonly projector: ProjectorClass;
  readonly liveVersion: number | undefined;
}

export async function viewStates(knex: Knex, projectors: readonly ProjectorClass[]): Promise<ViewState[]> {
  const { rows } = await knex.raw("select projector, version from sequent_schema.projector_states");
  const versions = new Map(
    (rows as { projector: string; version: number }[]).map((row) => [row.projector, row.version]),
  );
  return projectors.map((projector) => ({ projector, liveVersion: versions.get(projector.name) }));
}

/** The projectors whose views are missing or older than they are. */
export async function dueProjectors(
  knex: Knex,
  projectors: readonly ProjectorClass[],
): Promise<ProjectorClass[]> {
  const states = await viewStates(knex, projectors);
  return states
    .filter(({ projector, liveVersion = 0 }) => liveVersion < projector.version)
    .map(({ projector }) => projector);
}

async function hasMoreEvents(knex: Knex, count: number): Promise<boolean> {
  const { rows } = await knex.raw("select from sequent_schema.events offset ? limit 1", [count]);
  return rows.length > 0;
}

async function replay(
  knex: Knex,
  { projectors, eventTypes, onProgress }: Omit<Required<ViewBuilding>, "atMost">,
): Promise<void> {
  const { rows } = await knex.raw("select count(*)::integer as total from sequent_schema.events");
  const [{ total }] = rows as [{ total: number }];
  const connections = new PostgresConnections(knex);
  const transaction = new PostgresTransaction(
    connections,
    new LiveViews(connections),
    new GroupCommit(connections),
    await connections.acquire(),
  );
  let after = "0";
  for (let done = 0; done < total; ) {
    const page = (await knex.raw(nextEvents, [after, pageSize])).rows as (EventRow & { position: string })[];
    const projection = new LiveProjection(projectors, transaction);
    for (const row of page) await projection.project(eventOf(row, eventTypes));
    await transaction.write(await projection.takeRemainingChanges());
    after = page.at(-1)?.position ?? after;
    done += page.length;
    onProgress(done, total);
  }
}

const nextEvents = `
select aggregate_id, sequence_number, event_type, event_version, payload, created_at, position
  from sequent_schema.events
 where position > ?
 order by position
 limit ?`;

const noteVersion = `
insert into sequent_schema.projector_states (projector, version, tables) values (?, ?, ?)
on conflict (projector) do update
   set version = excluded.version, tables = excluded.tables, updated_at = clock_timestamp()`;
