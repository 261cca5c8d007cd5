import { actsFor } from "#sequent";
import type { PostgresConnections } from "#sequent/operations";
import { columnsOf } from "../columns.ts";
import { type AuthorRevisionRecord, authorRevisionRecords } from "./record.ts";

/** The most events that a page shows. */
const most = 100;

export const authorRevisionQueries = {
  /** The newest events of an account, oldest first. They have names and addresses, so they are there only for the author. */
  async AuthorRevisions(
    views: PostgresConnections,
    { authorId, readerId }: { authorId: string; readerId: string | undefined },
  ): Promise<AuthorRevisionRecord[]> {
    return actsFor(readerId, authorId)
      ? (await views.all<AuthorRevisionRecord>(newest, [authorId, most])).reverse()
      : [];
  },
};

const newest = `
select ${columnsOf(authorRevisionRecords, "revision")}
  from view_schema.author_revision_records as revision
 where author_aggregate_id = $1
 order by version desc
 limit $2`;
