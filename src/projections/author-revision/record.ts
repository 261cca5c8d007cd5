import { column, type RowOf, table } from "#sequent";
import type { JsonObject } from "#sequent/operations";

/** The history of an account, for the author alone: one row for each event. An erased author has none. */
export const authorRevisionRecords = table("author_revision_records", {
  columns: {
    author_aggregate_id: column.uuid,
    version: column.integer,
    event_type: column.text,
    /** The values of the event, by attribute. */
    payload: column.json<JsonObject>(),
    created_at: column.time,
  },
  primaryKey: ["author_aggregate_id", "version"],
});

export type AuthorRevisionRecord = RowOf<typeof authorRevisionRecords>;
