import { column, nullable, type RowOf, table } from "#sequent";

export const postRecords = table("post_records", {
  columns: {
    aggregate_id: column.uuid,
    author_aggregate_id: nullable(column.uuid),
    title: column.text,
    content: column.text,
    publication_date: nullable(column.date),
    published_at: nullable(column.time),
    /** The version that was published. Earlier versions are for the author. */
    published_version: nullable(column.integer),
    /** When it will be published by itself. */
    due_at: nullable(column.time),
    /** That of the schedule. It stays afterwards: the author will be offered it for the next post. */
    time_zone: nullable(column.text),
    /** The version at which it was scheduled. */
    scheduled_version: nullable(column.integer),
    /** The number of the last event in this row. A form sends it back, so it overwrites nothing that the user did not see. */
    version: column.integer,
    created_at: column.time,
    updated_at: column.time,
  },
  primaryKey: ["aggregate_id"],
  indexes: [
    { columns: ["published_at desc", "aggregate_id desc"], where: "published_at is not null" },
    { columns: ["due_at", "aggregate_id"], where: "due_at is not null" },
    { columns: ["author_aggregate_id", "created_at desc", "aggregate_id desc"] },
    {
      columns: ["author_aggregate_id", "published_at desc", "aggregate_id desc"],
      where: "published_at is not null",
    },
  ],
});

export type PostRecord = RowOf<typeof postRecords>;
