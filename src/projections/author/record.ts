import { column, nullable, type RowOf, table } from "#sequent";

export const authorRecords = table("author_records", {
  columns: {
    aggregate_id: column.uuid,
    name: column.text,
    email: column.text,
    is_email_confirmed: column.boolean,
    published_posts: column.integer,
    created_at: column.time,
    erased_at: nullable(column.time),
    /** "on" or "off", once they have chosen whether they want mails about their posts. Until then, they get them. */
    mails: nullable(column.text),
  },
  primaryKey: ["aggregate_id"],
  indexes: [{ columns: ["name", "aggregate_id"] }],
});

export type AuthorRecord = RowOf<typeof authorRecords>;
