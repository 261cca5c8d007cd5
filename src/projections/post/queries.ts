import type { PostgresConnections } from "#sequent/operations";
import { columnsOf } from "../columns.ts";
import { type List, pageOf } from "../keyset.ts";
import type { PostSummary, Query, ShownPost } from "../queries.ts";
import { postRecords } from "./record.ts";

export const postQueries = {
  PostById: (views: PostgresConnections, { postId }: Query<"PostById">) =>
    views.first<ShownPost>(postById, [postId]),

  PublishedPosts: (views: PostgresConnections, request: Query<"PublishedPosts">) =>
    pageOf(views, publishedPosts, request),

  PostsByAuthor: (views: PostgresConnections, { authorId, ...request }: Query<"PostsByAuthor">) =>
    pageOf(views, postsByAuthor, request, authorId),
};

const post = `${columnsOf(postRecords, "posts")}, authors.name as author_name`;
const summary = `
       ${columnsOf(postRecords, "posts", ["content"])},
       left(posts.content, 600) as excerpt,
       authors.name as author_name`;

const from = `
  from view_schema.post_records as posts
  left join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id`;

const postById = `select ${post} ${from} where posts.aggregate_id = $1`;

const publishedPosts: List<PostSummary> = {
  order: "newest first",
  placeOf: ({ published_at, aggregate_id }) => [published_at ?? "", aggregate_id],
  sql: `
select ${summary} ${from}
 where posts.published_at is not null
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.published_at desc, posts.aggregate_id desc
 limit $1`,
};

const postsByAuthor: List<PostSummary> = {
  order: "newest first",
  placeOf: ({ created_at, aggregate_id }) => [created_at, aggregate_id],
  sql: `
select ${summary} ${from}
 where posts.author_aggregate_id = $4
   and (posts.created_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.created_at desc, posts.aggregate_id desc
 limit $1`,
};
