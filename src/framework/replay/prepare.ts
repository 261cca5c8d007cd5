import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import { checkProjectors, type ProjectorClass } from "../projections/projector.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { oneRow, rowCount, rows } from "../store/postgres/rows.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { liveViews } from "../store/postgres/view-states.ts";
import { ReplayNotPossible, ReplayUnderWay } from "./errors.ts";
import type { Order } from "./event-log.ts";
import { handledTypes, takeAnyEvent } from "./replay-projection.ts";

export const replaySchema = "replay_schema";

/** What a replay would do. */
export interface ReplayPlan {
  readonly projectors: readonly ProjectorClass[];
  /** The version that is live of each; undefined for a new one. */
  readonly liveVersions: ReadonlyMap<string, number>;
  /** How many events are to be read, by as many projectors together as can. */
  readonly events: number;
}

interface Group {
  readonly readBy: Order;
  readonly projectors: readonly ProjectorClass[];
  readonly events: number;
}

/** Enough for workers to share them evenly, and few enough for each to be worth a worker's start. */
const mostRanges = 8;
const usualRange = 25_000;

export async function planReplay(
  knex: Knex,
  projectors: readonly ProjectorClass[],
  eventTypes: EventTypes,
): Promise<ReplayPlan> {
  const states = await liveViews(knex);
  const names = projectors.map(({ savedName }) => savedName);
  for (const { projector, tables } of states.filter((state) => !names.includes(state.projector))) {
    const taken = projectors.flatMap((each) => each.tables).find(({ name }) => tables.includes(name));
    if (taken)
      throw new ReplayNotPossible(
        `The table "${taken.name}" is in the live view of ${projector}: replay that projector, too, in a version that leaves it.`,
      );
  }
  checkProjectors(projectors);
  const groups = await groupsOf(knex, projectors, eventTypes);
  return {
    projectors,
    liveVersions: new Map(states.map(({ projector, version }) => [projector, version])),
    events: groups.reduce((sum, { events }) => sum + events, 0),
  };
}

/** Notes the replay and makes its tables, with their keys alone: the other indexes are made when the rows are there. */
export async function prepare(
  knex: Knex,
  { projectors }: ReplayPlan,
  eventTypes: EventTypes,
  owner: string,
  eventsOfRange = usualRange,
): Promise<void> {
  await knex.transaction(async (transaction) => {
    await noteReplay(transaction, { projectors, phase: "run", owner });
    for (const table of projectors.flatMap(({ tables }) => tables)) {
      await transaction.raw(`drop table if exists ${replaySchema}.${quoted(table.name)}`);
      await transaction.raw(tableSql(table, replaySchema)[0] ?? "");
    }
    let number = 0;
    for (const group of await groupsOf(transaction, projectors, eventTypes)) {
      for (const [from, to] of await rangesOf(transaction, group, eventsOfRange)) {
        number += 1;
        await transaction.raw(insertPart, [
          number,
          group.projectors.map(({ savedName }) => savedName),
          group.readBy,
          from,
          to,
        ]);
      }
      await transaction.raw(sharePart, [group.events, group.projectors.map(({ savedName }) => savedName)]);
    }
  });
}

/** Who erases what is personal takes the same lock, so that no replay carries it over. */
export async function noteReplay(
  transaction: Knex.Transaction,
  note: {
    readonly projectors: readonly ProjectorClass[];
    readonly phase: string;
    readonly owner: string;
    /** Where the rows that are there already end. */
    readonly archived?: { readonly epoch: number; readonly position: string };
  },
): Promise<void> {
  await transaction.raw("lock table sequent_schema.projector_states in share row exclusive mode");
  const projectors = note.projectors.map(({ savedName, version, tables }) => ({
    name: savedName,
    version,
    tables: tables.map((table) => table.name),
  }));
  const noted = await rowCount(transaction, insertReplay, [
    note.phase,
    JSON.stringify(projectors),
    note.owner,
    note.archived?.epoch ?? null,
    note.archived?.position ?? "0",
  ]);
  if (noted !== 1) throw new ReplayUnderWay();
}

/** Where no row is made of several aggregates, all projectors read them together; the others need the order of the log. */
async function groupsOf(
  knex: Knex,
  projectors: readonly ProjectorClass[],
  eventTypes: EventTypes,
): Promise<Group[]> {
  const counted = await rows<{ type: string; events: number }>(knex, countTypes);
  const counts = new Map(counted.map(({ type, events }) => [type, events]));
  if (takeAnyEvent(projectors)) for (const type of counts.keys()) eventTypes.classOf(type);
  const group = (readBy: Order, some: readonly ProjectorClass[]): Group => ({
    readBy,
    projectors: some,
    events: handledTypes(some, eventTypes).reduce((sum, type) => sum + (counts.get(type) ?? 0), 0),
  });
  return [
    group(
      "log",
      projectors.filter(({ partitioned }) => !partitioned),
    ),
    group(
      "aggregate",
      projectors.filter(({ partitioned }) => partitioned),
    ),
  ].filter((each) => each.projectors.length > 0);
}

/** From an aggregate, and up to before another; null where there is no end. */
async function rangesOf(
  transaction: Knex.Transaction,
  { readBy, events }: Group,
  eventsOfRange: number,
): Promise<[string | null, string | null][]> {
  const count = readBy === "log" ? 1 : Math.min(mostRanges, Math.max(1, Math.round(events / eventsOfRange)));
  if (count === 1) return [[null, null]];
  const shares = Array.from({ length: count - 1 }, (_, index) => (index + 1) / count);
  const found = await oneRow<{ bounds: string[] | null }>(transaction, findBounds, [shares]);
  const bounds = [...new Set(found.bounds ?? [])];
  return [...bounds, null].map((to, index) => [bounds[index - 1] ?? null, to]);
}

const countTypes = `
select event_type as type, count(*)::float8 as events from sequent_schema.events group by event_type`;

const findBounds = `
select (percentile_disc(?::float8[]) within group (order by aggregate_id))::text[] as bounds
  from sequent_schema.aggregates`;

/** Up to here it is the bulk, afterwards catching up: rows of the archive are caught up with from their last event on. */
const insertReplay = `
insert into sequent_schema.replays (phase, projectors, owner, epoch, xact_id, archived_epoch, archived_position)
select note.phase, note.projectors, note.owner, coalesce(archived_epoch, current.epoch),
       case when archived_epoch is null then pg_snapshot_xmin(pg_current_snapshot()) else '0' end,
       coalesce(archived_epoch, 0), archived_position
  from (values (?, ?::jsonb, ?::uuid, ?::integer, ?::bigint))
         as note (phase, projectors, owner, archived_epoch, archived_position),
       sequent_schema.current_epoch() as current
on conflict do nothing`;

const insertPart = `
insert into sequent_schema.replay_parts (number, projectors, read_by, from_aggregate_id, to_aggregate_id)
values (?, ?, ?, ?, ?)`;

const sharePart = `
update sequent_schema.replay_parts
   set events = ?::bigint / (select count(*) from sequent_schema.replay_parts as others where others.projectors = replay_parts.projectors)
 where projectors = ?`;
