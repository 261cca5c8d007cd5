import pg from "pg";
import { expect, test } from "vitest";
import { column, table } from "#sequent";
import { newId, ProjectorFailed } from "#sequent/operations";
import type { BaseEvent } from "../../../../src/framework/messages/event.ts";
import { storeError } from "../../../../src/framework/store/postgres/store-error.ts";
import { TaskAdded } from "../support/tasks.ts";

const places = table("places", {
  columns: { id: column.uuid, place: column.integer },
  primaryKey: ["id", "place"],
});

test("of many rows that are written together, the row that Postgres names leads to its event", () => {
  const [first, second] = [newId(), newId()];
  const eventOf = (aggregateId: string): BaseEvent => TaskAdded.of(aggregateId, { title: "x" });
  const inserted = (id: string, place: number) => ({
    ...{ kind: "insert" as const, table: places, values: { id, place } },
    cause: { projector: "PlaceProjector", event: eventOf(id) },
  });
  const refused = Object.assign(new pg.DatabaseError("duplicate key", 0, "error"), {
    ...{ code: "23505", schema: "view_schema", table: "places", constraint: "places_pkey" },
    detail: `Key (id, place)=(${second}, 2) already exists.`,
  });
  const rowChanges = [inserted(first, 1), inserted(second, 1), inserted(second, 2)];
  const failure = storeError(refused, { rowChanges });
  expect(failure).toBeInstanceOf(ProjectorFailed);
  expect((failure as ProjectorFailed).event).toBe(rowChanges[2]?.cause.event);
});
