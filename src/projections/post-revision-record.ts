import { column, nullable, type RowOf, table } from "#sequent";

/** One row for each thing that happened to a post: its history. */
export const postRevisionRecords = table("post_revision_records", {
  columns: {
    post_aggregate_id: column.uuid,
    version: column.integer,
    /** What changed: added, author, title, content or published. */
    change: column.text,
    /** What it changed to. */
    value: nullable(column.text),
    created_at: column.time,
  },
  primaryKey: ["post_aggregate_id", "version"],
});

export type PostRevisionRecord = RowOf<typeof postRevisionRecords>;
