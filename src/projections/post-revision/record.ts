import { column, type RowOf, table } from "#sequent";
import type { JsonObject } from "#sequent/operations";

/** The history of a post: one row for each event. */
export const postRevisionRecords = table("post_revision_records", {
  columns: {
    post_aggregate_id: column.uuid,
    version: column.integer,
    event_type: column.text,
    /** The values of the event, by attribute. */
    payload: column.json<JsonObject>(),
    created_at: column.time,
  },
  primaryKey: ["post_aggregate_id", "version"],
});

export type PostRevisionRecord = RowOf<typeof postRevisionRecords>;
