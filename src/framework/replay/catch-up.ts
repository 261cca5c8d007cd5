import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { Connection } from "../store/postgres/connections.ts";
import { isSettled } from "../store/postgres/log.ts";
import { ReplayLost } from "./errors.ts";
import { projectLog } from "./project-log.ts";
import type { ViewWriter } from "./view-writer.ts";

export interface CatchUp {
  readonly connection: Connection;
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly owner: string;
  readonly onEvents: (events: number) => void;
}

const batch = 1_000;

/**
 * Projects the events that were stored during the replay. Its progress is stored in the transaction of the rows, so each event
 * is projected once.
 *
 * Like every reader of the log, it stops where a running transaction may still add an earlier event. It may read `toTheEnd` only
 * while nobody can store events.
 */
export async function catchUp(
  { connection, owner, onEvents, ...reading }: CatchUp,
  writer: ViewWriter,
  { toTheEnd = false } = {},
): Promise<void> {
  const [cursor] = (await connection.query<Cursor>({ text: selectCursor, values: [owner] })).rows;
  if (!cursor) throw new ReplayLost();
  const { after, archivedEpoch, archivedPosition } = cursor;
  await projectLog({
    ...reading,
    ...{ order: "log", after, reader: connection, writer, batch },
    where: `(epoch, position) > (${archivedEpoch}, ${archivedPosition}) and ${toTheEnd ? "true" : isSettled}`,
    onStored: async (upTo = after, events) => {
      const noted = await writer.query(noteCursor, [...upTo, owner]);
      if (noted.length === 0) throw new ReplayLost();
      onEvents(events);
    },
  });
}

interface Cursor {
  readonly after: string[];
  readonly archivedEpoch: number;
  readonly archivedPosition: string;
}

const selectCursor = `
select array[epoch::text, xact_id::text, position::text] as after,
       archived_epoch as "archivedEpoch", archived_position::text as "archivedPosition"
  from sequent_schema.replays
 where owner = $1`;

const noteCursor = `
update sequent_schema.replays set epoch = $1, xact_id = $2::xid8, position = $3
 where owner = $4
returning owner`;
