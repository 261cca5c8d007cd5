import type { Knex } from "knex";
import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { withConnection } from "./connections.ts";
import { refuseIfLost } from "./ownership.ts";
import { replaySchema } from "./prepare.ts";
import { replayPart } from "./replay-part.ts";
import { handledTypes } from "./replay-projection.ts";
import type { ReplayPart } from "./replay-state.ts";
import { ViewWriter } from "./view-writer.ts";

export interface PartRun {
  readonly part: ReplayPart;
  readonly owner: string;
  readonly batch: number;
}

/** What a worker does: one part, from where it was left to its end. `knex` must lend two connections. */
export async function runPart(
  knex: Knex,
  { part, owner, batch }: PartRun,
  all: { readonly projectors: readonly ProjectorClass[]; readonly eventTypes: EventTypes },
  onEvents: (events: number) => void,
): Promise<void> {
  const projectors = all.projectors.filter(({ savedName }) => part.projectors.includes(savedName));
  const where = [
    `(epoch, xact_id) < (${part.epoch}, '${part.horizon}')`,
    ...(part.fromAggregateId ? [`aggregate_id >= '${part.fromAggregateId}'`] : []),
    ...(part.toAggregateId ? [`aggregate_id < '${part.toAggregateId}'`] : []),
  ];
  await withConnection(knex, (reader) =>
    withConnection(knex, async (writing) => {
      const writer = ViewWriter.ofReplay(writing, replaySchema, owner);
      await replayPart({
        projectors,
        eventTypes: all.eventTypes,
        log: {
          order: part.readBy,
          types: handledTypes(projectors, all.eventTypes),
          where: where.join(" and "),
        },
        after: part.after ?? undefined,
        reader,
        writer,
        batch,
        onStored: async (upTo, events) => {
          await writer.query(
            "update sequent_schema.replay_parts set after = $2, events_done = events_done + $3 where number = $1",
            [part.number, upTo ?? null, events],
          );
          await refuseIfLost(writer, owner);
          onEvents(events);
        },
      });
      await writer.query("update sequent_schema.replay_parts set done = true where number = $1", [
        part.number,
      ]);
      await refuseIfLost(writer, owner);
      await writer.commit();
    }),
  );
}
