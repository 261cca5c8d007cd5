import { column, type RowOf, table } from "#sequent";
import type { JsonObject } from "#sequent/operations";

/** One row for each thing that happened to a post: its history. */
export const postRevisionRecords = table("post_revision_records", {
  columns: {
    post_aggregate_id: column.uuid,
    version: column.integer,
    event_type: column.text,
    /** What the event says, by attribute. */
    payload: column.json<JsonObject>(),
    created_at: column.time,
  },
  primaryKey: ["post_aggregate_id", "version"],
});

export type PostRevisionRecord = RowOf<typeof postRevisionRecords>;
