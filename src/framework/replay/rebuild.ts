import type { ClientBase } from "pg";
import type { EventTypes } from "../messages/event-types.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { replayPart } from "./replay-part.ts";
import { handledTypes, takeAnyEvent } from "./replay-projection.ts";
import type { ViewWriter } from "./view-writer.ts";

export interface Rebuild {
  readonly projectors: readonly ProjectorClass[];
  readonly eventTypes: EventTypes;
  readonly batch?: number | undefined;
  readonly onEvents: (events: number) => void;
}

/** Fills empty tables from all that the transaction of `connection`, in which the writer writes, can see. */
export async function rebuild(
  connection: ClientBase,
  writer: ViewWriter,
  { projectors, eventTypes, batch = 20_000, onEvents }: Rebuild,
): Promise<void> {
  if (takeAnyEvent(projectors)) {
    const { rows } = await connection.query("select distinct event_type as type from sequent_schema.events");
    for (const { type } of rows as { type: string }[]) eventTypes.classOf(type);
  }
  for (const order of ["log", "aggregate"] as const) {
    const some = projectors.filter(({ partitioned }) => partitioned === (order === "aggregate"));
    if (some.length === 0) continue;
    await replayPart({
      projectors: some,
      eventTypes,
      log: { order, types: handledTypes(some, eventTypes), where: "true" },
      after: undefined,
      reader: connection,
      writer,
      batch,
      onStored: async (_, events) => onEvents(events),
    });
  }
}
