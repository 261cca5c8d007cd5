import { type List, pageOf } from "../keyset.ts";
import type { Query } from "../queries.ts";
import { columnsOf, type Views } from "../views.ts";
import { type AuthorRecord, authorRecords } from "./record.ts";

export const authorQueries = {
  AuthorById: (views: Views, { authorId }: Query<"AuthorById">) =>
    views.first(views.from(authorRecords).where({ aggregate_id: authorId })),

  Authors: (views: Views, request: Query<"Authors">) => pageOf(views, authors, request),
};

const authors: List<AuthorRecord> = {
  order: "by text",
  placeOf: ({ name, aggregate_id }) => [name, aggregate_id],
  sql: `
select ${columnsOf(authorRecords, "authors")}
  from view_schema.author_records as authors
 where (name, aggregate_id) > ($2, $3::uuid)
 order by name, aggregate_id
 limit $1`,
};
