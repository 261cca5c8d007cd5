import type { PostgresConnections } from "../framework/index.ts";
import { cursorOf, pageOf } from "./keyset.ts";
import type { PostRevisionRecord } from "./post-revision-record.ts";
import type { Page, Post, PostSummary, Query } from "./queries.ts";

export const postQueries = {
  PostById: (database: PostgresConnections, { postId }: Query<"PostById">) =>
    database.first<Post>(postById, [postId]),

  async PublishedPosts(
    database: PostgresConnections,
    { after, limit }: Query<"PublishedPosts">,
  ): Promise<Page<PostSummary>> {
    const [time, id] = cursorOf(after, "time");
    const rows = await database.all<PostSummary>(
      id ? publishedAfter : firstPublished,
      id ? [limit + 1, time, id] : [limit + 1],
    );
    return pageOf(rows, limit, (post) => [post.published_at?.toISOString() ?? "", post.aggregate_id]);
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

  PostRevisions: (database: PostgresConnections, { postId }: Query<"PostRevisions">) =>
    database.all<PostRevisionRecord>(revisions, [postId]),
};

const columns = `
  posts.aggregate_id, posts.author_aggregate_id, posts.title, posts.publication_date, posts.published_at,
  posts.version, posts.created_at, posts.updated_at, authors.name as author_name`;

const from = `
  from view_schema.post_records as posts
  left join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id`;

const summary = `select ${columns}, left(posts.content, 600) as excerpt ${from}`;

const postById = `select ${columns}, posts.content ${from} where posts.aggregate_id = $1`;

const newestPublished = "order by posts.published_at desc, posts.aggregate_id desc limit $1";

const firstPublished = `${summary} where posts.published_at is not null ${newestPublished}`;

const publishedAfter = `${summary}
 where posts.published_at is not null
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 ${newestPublished}`;

const newestCreated = "order by posts.created_at desc, posts.aggregate_id desc limit $1";

const firstByAuthor = `${summary} where posts.author_aggregate_id = $2 ${newestCreated}`;

const byAuthorAfter = `${summary}
 where posts.author_aggregate_id = $2
   and (posts.created_at, posts.aggregate_id) < ($3::timestamptz, $4::uuid)
 ${newestCreated}`;

const revisions = `
select post_aggregate_id, version, change, value, created_at
  from view_schema.post_revision_records
 where post_aggregate_id = $1
 order by version`;
