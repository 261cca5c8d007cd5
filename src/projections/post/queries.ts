import { cut, type List, pageOf, placeAt, rowsOf } from "../keyset.ts";
import type { Page, Post, PostSummary, Query, Revised } from "../queries.ts";
import { columnsOf, type Views } from "../views.ts";
import { postRecords } from "./record.ts";

export const postQueries = {
  PostById: (views: Views, { postId }: Query<"PostById">) => views.first<Post>(postById, [postId]),

  async RevisionOfPost(views: Views, { postId }: Query<"RevisionOfPost">): Promise<string | undefined> {
    return (await views.first<Revised>(postRevision, [postId]))?.revision;
  },

  async PublishedPosts(views: Views, request: Query<"PublishedPosts">): Promise<Page<PostSummary> & Revised> {
    const rows = await rowsOf(views, publishedPosts, request);
    const revision = rows.map((post) => post.revision).join("\n");
    return { ...cut(publishedPosts, request, rows), revision };
  },

  async RevisionOfPublishedPosts(
    views: Views,
    { after, limit }: Query<"RevisionOfPublishedPosts">,
  ): Promise<string> {
    const place = placeAt(after, publishedPosts.order);
    const page = await views.first<Revised>(publishedRevision, [limit + 1, ...place]);
    return page?.revision ?? "";
  },

  PostsByAuthor: (views: Views, { authorId, ...request }: Query<"PostsByAuthor">) =>
    pageOf(views, postsByAuthor, request, authorId),
};

/**
 * A text that changes whenever the page of a post changes. The post itself changes only with its version; the name of its
 * author changes apart from it. A replayed view is another table, and a restored database may have another event with
 * the same number.
 */
const revision = `concat_ws(' ', posts.tableoid, posts.aggregate_id, posts.version, posts.updated_at, authors.name) as revision`;

const shown = `authors.name as author_name, left(posts.content, 600) as excerpt, ${revision}`;
const post = `${columnsOf(postRecords, "posts")}, ${shown}`;
const summary = `${columnsOf(postRecords, "posts", ["content"])}, ${shown}`;

const from = `
  from view_schema.post_records as posts
  left join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id`;

const byId = `${from} where posts.aggregate_id = $1`;

const postById = `select ${post} ${byId}`;

const postRevision = `select ${revision} ${byId}`;

const published = `${from}
 where posts.published_at is not null
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.published_at desc, posts.aggregate_id desc
 limit $1`;

const publishedPosts: List<PostSummary> = {
  order: "newest first",
  placeOf: ({ published_at, aggregate_id }) => [published_at ?? "", aggregate_id],
  sql: `select ${summary} ${published}`,
};

/** The same as the joined revisions of the rows: see `PublishedPosts`. */
const publishedRevision = `
select coalesce(string_agg(revision, E'\\n'), '') as revision
  from (select ${revision} ${published}) as page`;

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
