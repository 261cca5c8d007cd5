import type { EventTypes } from "../messages/event-types.ts";
import { LiveProjection } from "../projections/live-projection.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { EventRow } from "../store/postgres/event-row.ts";
import { eventOf } from "../store/postgres/event-row.ts";
import { isSettled } from "../store/postgres/settled.ts";
import { ReplayLost } from "./errors.ts";
import { handledTypes } from "./replay-projection.ts";
import type { ViewWriter } from "./view-writer.ts";

export interface CatchUp {
  readonly writer: ViewWriter;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly owner: string;
}

const most = 1_000;

interface Cursor {
  readonly epoch: number;
  readonly xact_id: string;
  readonly position: string;
  readonly archived_epoch: number;
  readonly archived_position: string;
}

interface LogRow extends EventRow {
  readonly epoch: number;
  readonly xact_id: string;
  readonly position: string;
}

/**
 * Projects the next events of the log in the way of a unit of work, and notes in the same transaction how far it came,
 * so that each is projected once. Gives how many it read; the caller commits.
 *
 * Like every reader of the log, it leaves alone what a transaction that still runs could come before. Only who knows
 * that none runs may read to the end.
 */
export async function catchUpRound(
  { writer, projectors, eventTypes, owner }: CatchUp,
  toTheEnd = false,
): Promise<number> {
  const [cursor] = await writer.query<Cursor>(selectCursor, [owner]);
  if (!cursor) throw new ReplayLost();
  const { epoch, xact_id, position, archived_epoch, archived_position } = cursor;
  const after = [epoch, xact_id, position, archived_epoch, archived_position];
  const rows = await writer.query<LogRow>(nextEvents(toTheEnd ? "true" : isSettled), [...after, most]);
  const last = rows.at(-1);
  if (!last) return 0;
  const types = new Set(handledTypes(projectors, eventTypes));
  const projection = new LiveProjection(projectors, writer);
  for (const row of rows) if (types.has(row.event_type)) await projection.project(eventOf(row, eventTypes));
  await writer.write(await projection.takeRemainingChanges());
  const noted = await writer.query(noteCursor, [last.epoch, last.xact_id, last.position, owner]);
  if (noted.length === 0) throw new ReplayLost();
  return rows.length;
}

/** Round after round, until less than a full one is left. */
export async function catchUp(catching: CatchUp, onEvents: (events: number) => void): Promise<void> {
  for (let read = most; read === most; ) {
    read = await catchUpRound(catching);
    await catching.writer.commit();
    onEvents(read);
  }
}

const nextEvents = (which: string) => `
select aggregate_id, sequence_number, event_type, event_version, payload, created_at,
       epoch, events.xact_id::text, events.position::text
  from sequent_schema.events
 where (epoch, xact_id, position) > ($1::integer, $2::xid8, $3::bigint)
   and (epoch, position) > ($4::integer, $5::bigint)
   and ${which}
 order by epoch, events.xact_id, events.position
 limit $6`;

const selectCursor = `
select epoch, xact_id::text, position::text, archived_epoch, archived_position::text
  from sequent_schema.replays
 where owner = $1`;

const noteCursor = `
update sequent_schema.replays set epoch = $1, xact_id = $2::xid8, position = $3
 where owner = $4
returning owner`;
