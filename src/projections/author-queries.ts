import type { PostgresConnections } from "#sequent/operations";
import type { AuthorRecord } from "./author-record.ts";
import { cursorOf, pageOf } from "./keyset.ts";
import type { Page, Query } from "./queries.ts";

export const authorQueries = {
  AuthorById: (database: PostgresConnections, { authorId }: Query<"AuthorById">) =>
    database.first<AuthorRecord>(authorById, [authorId]),

  async Authors(
    database: PostgresConnections,
    { after, limit }: Query<"Authors">,
  ): Promise<Page<AuthorRecord>> {
    const [name, id] = cursorOf(after, "text");
    const rows = await database.all<AuthorRecord>(
      id ? authorsAfter : firstAuthors,
      id ? [limit + 1, name, id] : [limit + 1],
    );
    return pageOf(rows, limit, (author) => [author.name, author.aggregate_id]);
  },
};

const columns = "aggregate_id, name, email, published_posts, created_at, erased_at";

const authorById = `select ${columns} from view_schema.author_records where aggregate_id = $1`;

const firstAuthors = `
select ${columns} from view_schema.author_records
 order by name, aggregate_id
 limit $1`;

const authorsAfter = `
select ${columns} from view_schema.author_records
 where (name, aggregate_id) > ($2, $3::uuid)
 order by name, aggregate_id
 limit $1`;
