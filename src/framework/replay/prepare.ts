import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import { checkProjectors } from "../projections/check-projectors.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { oneRow, rowCount, rows } from "../store/postgres/rows.ts";
import { tableSql } from "../store/postgres/schema.ts";
import { liveViews } from "../store/postgres/view-states.ts";
import { ReplayNotPossible, ReplayUnderWay } from "./errors.ts";
import { handledTypes, type Reading, readingsOf } from "./handled-types.ts";
import { type Phase, replaySchema, stateOf } from "./replay-state.ts";

export interface ReplayPlan {
  readonly projectors: readonly ProjectorClass[];
  /** The live version of each. Undefined for a new one. */
  readonly liveVersions: ReadonlyMap<string, number>;
  readonly readings: readonly CountedReading[];
  readonly events: number;
}

interface CountedReading extends Reading {
  readonly events: number;
}

/** Small enough to share the work evenly, and large enough to be worth the start of a worker. */
const mostRanges = 8;
const usualRange = 25_000;

export async function planReplay(
  knex: Knex,
  projectors: readonly ProjectorClass[],
  eventTypes: EventTypes,
): Promise<ReplayPlan> {
  const live = await liveViews(knex);
  for (const { projector, tables } of live) {
    if (projectors.some(({ savedName }) => savedName === projector)) continue;
    const taken = projectors.flatMap((each) => each.tables).find(({ name }) => tables.includes(name));
    if (taken)
      throw new ReplayNotPossible(
        `The table "${taken.name}" is in the live view of ${projector}: replay that projector, too, in a version without this table.`,
      );
  }
  checkProjectors(projectors);
  const counted = await rows<{ type: string; events: number }>(knex, countTypes);
  const counts = new Map(counted.map(({ type, events }) => [type, events]));
  // A projector that takes any event also needs those whose class the program does not have. So this throws.
  const allTypes = () => [...counts.keys()].map((type) => eventTypes.classOf(type).type);
  const countOf = (some: readonly ProjectorClass[]) =>
    (handledTypes(some, eventTypes) ?? allTypes()).reduce((sum, type) => sum + (counts.get(type) ?? 0), 0);
  const readings = readingsOf(projectors).map((reading) => ({
    ...reading,
    events: countOf(reading.projectors),
  }));
  return {
    projectors,
    liveVersions: new Map(live.map(({ projector, version }) => [projector, version])),
    readings,
    events: readings.reduce((sum, { events }) => sum + events, 0),
  };
}

/** Notes the replay, and makes its tables with their primary keys only. The other indexes are made after the rows. */
export async function prepare(
  knex: Knex,
  { projectors, readings }: ReplayPlan,
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
    for (const reading of readings) {
      const names = reading.projectors.map(({ savedName }) => savedName);
      const ranges = await rangesOf(transaction, reading, eventsOfRange);
      const events = Math.round(reading.events / ranges.length);
      for (const range of ranges) {
        number += 1;
        await transaction.raw(insertPart, [number, names, reading.order, ...range, events]);
      }
    }
  });
}

/** An erasure takes the same lock, so no replay copies erased data into its tables. */
export async function noteReplay(
  transaction: Knex.Transaction,
  note: {
    readonly projectors: readonly ProjectorClass[];
    readonly phase: Phase;
    readonly owner: string;
    /** The last event in the rows, if there are rows already. */
    readonly archived?: { readonly epoch: number; readonly position: string };
  },
): Promise<void> {
  const { projectors, phase, owner, archived } = note;
  await transaction.raw("lock table sequent_schema.projector_states in share row exclusive mode");
  const noted = await rowCount(transaction, insertReplay, [
    ...[phase, JSON.stringify(projectors.map(stateOf)), owner],
    ...[archived?.epoch ?? null, archived?.position ?? "0"],
  ]);
  if (noted !== 1) throw new ReplayUnderWay();
}

/** From one aggregate up to another, which is not included. Null means no limit. */
async function rangesOf(
  transaction: Knex.Transaction,
  { order, events }: CountedReading,
  eventsOfRange: number,
): Promise<[string | null, string | null][]> {
  const count = order === "log" ? 1 : Math.min(mostRanges, Math.max(1, Math.round(events / eventsOfRange)));
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

/** The parts read up to this place, and catching up reads the rest. In a rollback, it is the last event in the archived rows. */
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
insert into sequent_schema.replay_parts (number, projectors, read_by, from_aggregate_id, to_aggregate_id, events)
values (?, ?, ?, ?, ?, ?)`;
