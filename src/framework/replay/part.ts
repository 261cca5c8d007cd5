import type { Knex } from "knex";
import { PostgresConnections } from "../store/postgres/connections.ts";
import { rows } from "../store/postgres/rows.ts";
import type { LogKey, LogOrder } from "./event-log.ts";
import { refuseIfLost } from "./ownership.ts";
import { type LogProjection, projectLog } from "./project-log.ts";
import { replaySchema } from "./replay-state.ts";
import { ViewWriter } from "./view-writer.ts";

/** A part of the work: some projectors, the events that they read, and the owner of the replay. */
export interface ReplayPart {
  readonly number: number;
  readonly owner: string;
  readonly projectors: readonly string[];
  readonly order: LogOrder;
  readonly fromAggregateId: string | null;
  readonly toAggregateId: string | null;
  /** The last event whose rows are stored. */
  readonly after: LogKey | null;
  /** It reads only events before this transaction of this epoch. Catching up reads the later ones. */
  readonly epoch: number;
  readonly horizon: string;
  /** At most this many events have rows that are not stored yet. */
  readonly batch: number;
}

export function partsToDo(knex: Knex, batch: number): Promise<ReplayPart[]> {
  return rows<ReplayPart>(knex, selectParts, [batch]);
}

/** The work of a worker: one part, from where it was stopped to its end. `knex` must lend two connections. */
export async function runPart(
  knex: Knex,
  part: ReplayPart,
  { projectors, eventTypes }: Pick<LogProjection, "projectors" | "eventTypes">,
  onEvents: (events: number) => void,
): Promise<void> {
  const { number, owner, order, batch, fromAggregateId, toAggregateId } = part;
  const where = [
    // Not a comparison of rows: the planner would expect one row, and read the whole log for each page.
    `(epoch < ${part.epoch} or epoch = ${part.epoch} and xact_id < '${part.horizon}')`,
    ...(fromAggregateId ? [`aggregate_id >= '${fromAggregateId}'`] : []),
    ...(toAggregateId ? [`aggregate_id < '${toAggregateId}'`] : []),
  ].join(" and ");
  const connections = new PostgresConnections(knex);
  await connections.use((reader) =>
    connections.use(async (writing) => {
      const writer = ViewWriter.open(writing, replaySchema, owner);
      await projectLog({
        ...{ eventTypes, order, where, after: part.after ?? undefined, reader, writer, batch },
        projectors: projectors.filter(({ savedName }) => part.projectors.includes(savedName)),
        onStored: async (upTo, events) => {
          await writer.query(noteProgress, [number, upTo ?? null, events]);
          await refuseIfLost(writer, owner);
          onEvents(events);
        },
      });
      await writer.query("update sequent_schema.replay_parts set done = true where number = $1", [number]);
      await refuseIfLost(writer, owner);
      await writer.commit();
    }),
  );
}

const selectParts = `
select number, owner, parts.projectors, read_by as "order", from_aggregate_id as "fromAggregateId",
       to_aggregate_id as "toAggregateId", after, epoch, xact_id::text as horizon, ?::integer as batch
  from sequent_schema.replay_parts as parts
 cross join sequent_schema.replays
 where not done
 order by number`;

const noteProgress =
  "update sequent_schema.replay_parts set after = $2, events_done = events_done + $3 where number = $1";
