import type { PostgresConnections } from "#sequent/operations";
import { cursorOf, type Place, pageOf } from "./keyset.ts";
import type { Page, Post, PostSummary, Query, Revised } from "./queries.ts";

export const postQueries = {
  PostById: (database: PostgresConnections, { postId }: Query<"PostById">) =>
    database.first<Post>(postById, [postId]),

  async RevisionOfPost(
    database: PostgresConnections,
    { postId }: Query<"RevisionOfPost">,
  ): Promise<string | undefined> {
    return (await database.first<Revised>(postRevision, [postId]))?.revision;
  },

  async PublishedPosts(
    database: PostgresConnections,
    { after, limit }: Query<"PublishedPosts">,
  ): Promise<Page<PostSummary> & Revised> {
    const [time, id] = cursorOf(after, "time");
    const rows = await database.all<PostSummary>(
      id ? publishedAfter : firstPublished,
      id ? [limit + 1, time, id] : [limit + 1],
    );
    const revision = rows.map((post) => post.revision).join("\n");
    const placeOf = (post: PostSummary): Place => [post.published_at?.toISOString() ?? "", post.aggregate_id];
    return { ...pageOf(rows, limit, placeOf), revision };
  },

  async RevisionOfPublishedPosts(
    database: PostgresConnections,
    { after, limit }: Query<"RevisionOfPublishedPosts">,
  ): Promise<string> {
    const [time, id] = cursorOf(after, "time");
    const page = await database.first<Revised>(
      id ? publishedAfterRevision : firstPublishedRevision,
      id ? [limit + 1, time, id] : [limit + 1],
    );
    return page?.revision ?? "";
  },

  async PostsByAuthor(
    database: PostgresConnections,
    { authorId, after, limit }: Query<"PostsByAuthor">,
  ): Promise<Page<PostSummary>> {
    const [time, id] = cursorOf(after, "time");
    const rows = await database.all<PostSummary>(
      id ? byAuthorAfter : firstByAuthor,
      id ? [limit + 1, authorId, time, id] : [limit + 1, authorId],
    );
    return pageOf(rows, limit, (post) => [post.created_at.toISOString(), post.aggregate_id]);
  },
};

/**
 * All that is shown of a post changes by its events, and so with its version; its author has a name of their own. A
 * view that was replayed is another table, and a database that was restored may have another event of the same number.
 */
const revision = `concat_ws(' ', posts.tableoid, posts.aggregate_id, posts.version, posts.updated_at, authors.name) as revision`;

const columns = `
  posts.aggregate_id, posts.author_aggregate_id, posts.title, posts.publication_date, posts.published_at,
  posts.version, posts.created_at, posts.updated_at, authors.name as author_name, ${revision}`;

const from = `
  from view_schema.post_records as posts
  left join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id`;

const summary = `${columns}, left(posts.content, 600) as excerpt`;

const byId = `${from} where posts.aggregate_id = $1`;

const postById = `select ${summary}, posts.content ${byId}`;

const postRevision = `select ${revision} ${byId}`;

const published = `${from} where posts.published_at is not null`;

const publishedBefore = `${published}
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)`;

const newestPublished = "order by posts.published_at desc, posts.aggregate_id desc limit $1";

const firstPublished = `select ${summary} ${published} ${newestPublished}`;

const publishedAfter = `select ${summary} ${publishedBefore} ${newestPublished}`;

const firstPublishedRevision = revisionsOf(published);

const publishedAfterRevision = revisionsOf(publishedBefore);

/** As the revisions of the rows joined: see `PublishedPosts`. */
function revisionsOf(posts: string): string {
  return `
select coalesce(string_agg(revision, E'\\n'), '') as revision
  from (select ${revision} ${posts} ${newestPublished}) as page`;
}

const newestCreated = "order by posts.created_at desc, posts.aggregate_id desc limit $1";

const firstByAuthor = `select ${summary} ${from} where posts.author_aggregate_id = $2 ${newestCreated}`;

const byAuthorAfter = `select ${summary} ${from}
 where posts.author_aggregate_id = $2
   and (posts.created_at, posts.aggregate_id) < ($3::timestamptz, $4::uuid)
 ${newestCreated}`;
