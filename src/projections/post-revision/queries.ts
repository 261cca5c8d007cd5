import type { PostgresConnections } from "#sequent/operations";
import { authorQueries } from "../author/queries.ts";
import { rowOf } from "../names.ts";
import type { Past, PostAtVersion, PostRevision, Query } from "../queries.ts";

export const postRevisionQueries = {
  PostRevisions: (views: PostgresConnections, { postId, limit, bytes }: Query<"PostRevisions">) =>
    views.all<PostRevision>(newest, [postId, limit, bytes]),

  /** Its values come from its events, so no view has to keep them for each version. */
  async PostAtVersion(
    views: PostgresConnections,
    { postId, version }: Query<"PostAtVersion">,
    past: Past,
  ): Promise<PostAtVersion | undefined> {
    const known = await views.first<KnownVersion>(knownVersion, [postId, version]);
    const state = known && (await past.stateAsOf("Post", postId, version));
    if (!state) return undefined;
    const values: Partial<PostAtVersion> = rowOf(state);
    const { author_aggregate_id: authorId } = values;
    const author = authorId && (await authorQueries.AuthorById(views, { type: "AuthorById", authorId }));
    return { ...values, ...known, author_name: author ? author.name : null };
  },
};

type KnownVersion = Pick<PostAtVersion, "aggregate_id" | "version" | "newest_version" | "updated_at">;

const knownVersion = `
select posts.aggregate_id, revision.version, posts.version as newest_version, revision.created_at as updated_at
  from view_schema.post_records as posts
  join view_schema.post_revision_records as revision on revision.post_aggregate_id = posts.aggregate_id
 where posts.aggregate_id = $1
   and revision.version = $2`;

/**
 * Goes back from the newest event, one by one, until there are enough. Then adds, for each type among them, the last event
 * before these: the page compares the values with it.
 */
const newest = `
with recursive newest as (
  (select revision.*, 1 as number, octet_length(payload::text) as bytes
     from view_schema.post_revision_records as revision
    where post_aggregate_id = $1
    order by version desc
    limit 1)
   union all
  select earlier.*, number + 1, bytes + octet_length(earlier.payload::text)
    from newest
   cross join lateral (
           select revision.*
             from view_schema.post_revision_records as revision
            where post_aggregate_id = $1
              and version < newest.version
            order by version desc
            limit 1
         ) as earlier
   where number < $2
     and bytes < $3
)
select post_aggregate_id, version, event_type, payload, created_at, false as is_earlier
  from newest
 union all
select earlier.*, true
  from (select distinct event_type from newest) as known
 cross join lateral (
         select post_aggregate_id, version, event_type, payload, created_at
           from view_schema.post_revision_records
          where post_aggregate_id = $1
            and event_type = known.event_type
            and version < (select min(version) from newest)
          order by version desc
          limit 1
       ) as earlier
 order by version`;
