import { columnsOf } from "../columns.ts";
import type { List } from "../keyset.ts";
import { type PostRecord, postRecords } from "./record.ts";

/** A post in a list. */
export interface PostSummary extends Omit<PostRecord, "content"> {
  readonly author_name: string | null;
  /** The first part of the content. */
  readonly excerpt: string;
}

const summary = `
       ${columnsOf(postRecords, "posts", ["content"])},
       left(posts.content, 600) as excerpt,
       authors.name as author_name`;

export const from = `
  from view_schema.post_records as posts
  left join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id`;

function placeOfPublication({ published_at, aggregate_id }: PostSummary): readonly [string | Date, string] {
  return [published_at ?? "", aggregate_id];
}

export const publishedPosts: List<PostSummary> = {
  order: "newest first",
  placeOf: placeOfPublication,
  sql: `
select ${summary} ${from}
 where posts.published_at is not null
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.published_at desc, posts.aggregate_id desc
 limit $1`,
};

export const postsByAuthor: List<PostSummary> = {
  order: "newest first",
  placeOf: ({ created_at, aggregate_id }) => [created_at, aggregate_id],
  sql: `
select ${summary} ${from}
 where posts.author_aggregate_id = $4
   and (posts.created_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.created_at desc, posts.aggregate_id desc
 limit $1`,
};

/** It has an index of its own, so it reads no drafts, however many there are. */
export const publishedPostsByAuthor: List<PostSummary> = {
  order: "newest first",
  placeOf: placeOfPublication,
  sql: `
select ${summary} ${from}
 where posts.author_aggregate_id = $4
   and posts.published_at is not null
   and (posts.published_at, posts.aggregate_id) < ($2::timestamptz, $3::uuid)
 order by posts.published_at desc, posts.aggregate_id desc
 limit $1`,
};

/** In any order. Ids of drafts, and of posts that are not there, give nothing. */
export const publishedPostsById = `
select ${summary} ${from}
 where posts.aggregate_id = any($1::uuid[])
   and posts.published_at is not null`;
