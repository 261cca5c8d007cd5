import type { PostAtVersion, PostRevision, Query } from "./queries.ts";
import type { Views } from "./views.ts";

export const postRevisionQueries = {
  PostRevisions: (views: Views, { postId, limit, bytes }: Query<"PostRevisions">) =>
    views.all<PostRevision>(newest, [postId, limit, bytes]),

  PostAtVersion: (views: Views, { postId, version }: Query<"PostAtVersion">) =>
    views.first<PostAtVersion>(atVersion, [postId, version]),
};

const columns = "post_aggregate_id, version, change, value, created_at";

/** With the texts that the oldest of them changed, so that it can be seen what became of these. */
const newest = `
with candidates as (
  select ${columns}
    from view_schema.post_revision_records
   where post_aggregate_id = $1
   order by version desc
   limit $2
),
sized as (
  select *,
         sum(coalesce(octet_length(value), 0)) over (order by version desc rows unbounded preceding exclude current row) as newer
    from candidates
),
newest as (
  select ${columns}
    from sized
   where coalesce(newer, 0) < $3
)
select *, false as is_earlier from newest
 union all
select earlier.*, true
  from unnest(array['title', 'content']) as text (change)
 cross join lateral (
         select ${columns}
           from view_schema.post_revision_records
          where post_aggregate_id = $1
            and change = text.change
            and version < (select min(version) from newest)
          order by version desc
          limit 1
       ) as earlier
 order by version`;

/** Of each thing that can change, the last change until then. */
const atVersion = `
with past as (
  select max(version) as version,
         max(version) filter (where change = 'author') as author,
         max(version) filter (where change = 'title') as title,
         max(version) filter (where change = 'content') as content,
         max(version) filter (where change = 'published') as published
    from view_schema.post_revision_records
   where post_aggregate_id = $1
     and version <= $2::bigint
),
revisions as not materialized (
  select *
    from view_schema.post_revision_records
   where post_aggregate_id = $1
)
select posts.aggregate_id,
       author.value::uuid as author_aggregate_id,
       authors.name as author_name,
       coalesce(title.value, '') as title,
       coalesce(content.value, '') as content,
       published.value::date as publication_date,
       published.created_at as published_at,
       past.version,
       posts.created_at,
       last.created_at as updated_at,
       posts.version as newest_version
  from past
  join view_schema.post_records as posts on posts.aggregate_id = $1
  join revisions as last on last.version = past.version
  left join revisions as author on author.version = past.author
  left join revisions as title on title.version = past.title
  left join revisions as content on content.version = past.content
  left join revisions as published on published.version = past.published
  left join view_schema.author_records as authors on authors.aggregate_id = author.value::uuid
 where past.version = $2::bigint`;
