import type { PostgresConnections } from "#sequent/operations";
import { columnsOf } from "../columns.ts";
import { type List, type PageRequest, pageOf } from "../keyset.ts";
import { type AuthorRecord, authorRecords } from "./record.ts";

export const authorQueries = {
  AuthorById: (views: PostgresConnections, { authorId }: { authorId: string }) =>
    views.first<AuthorRecord>(authorById, [authorId]),

  Authors: (views: PostgresConnections, request: PageRequest) => pageOf(views, authors, request),
};

const columns = columnsOf(authorRecords, "authors");

const authorById = `select ${columns} from view_schema.author_records as authors where aggregate_id = $1`;

const authors: List<AuthorRecord> = {
  order: "by text",
  placeOf: ({ name, aggregate_id }) => [name, aggregate_id],
  sql: `
select ${columns}
  from view_schema.author_records as authors
 where (name, aggregate_id) > ($2, $3::uuid)
 order by name, aggregate_id
 limit $1`,
};
