import type { AggregateReader, PostgresConnections } from "#sequent/operations";
import { authorQueries } from "../author/queries.ts";
import { rowOf } from "../names.ts";
import { firstVersionFor, type Reader } from "../post/reader.ts";
import type { PostRecord } from "../post/record.ts";
import type { PostRevisionRecord } from "./record.ts";

/** One event of a post. */
interface PostRevision extends PostRevisionRecord {
  /** True if it is only here to compare a newer event of its type with it. */
  readonly is_earlier: boolean;
}

/** A post as it was. A value that was not known then is null. The author has the present name. */
type PostAtVersion = { readonly [Column in keyof PostRecord]?: PostRecord[Column] | null } & {
  readonly aggregate_id: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly author_name: string | null;
  /** The first version that this person may read. */
  readonly first_version: number;
  /** The present version. */
  readonly newest_version: number;
};

export const postRevisionQueries = {
  /**
   * The newest events, up to a number and a size in bytes, oldest first. Before them come the events that they replaced.
   * Only the author sees events from before the publication. Of those that they replaced, everybody sees the last: its value was published.
   */
  async PostRevisions(
    views: PostgresConnections,
    { postId, limit, bytes, ...reader }: Reader & { postId: string; limit: number; bytes: number },
  ): Promise<PostRevision[]> {
    const post = await views.first<PostRights>(postRights, [postId]);
    const first = post && firstVersionFor(reader, post);
    return first === undefined ? [] : views.all<PostRevision>(newest, [postId, limit, bytes, first]);
  },

  /**
   * Its values come from its events, so no view has to keep them for each version. Versions from before the publication are
   * there only for the author.
   */
  async PostAtVersion(
    views: PostgresConnections,
    { postId, version, ...reader }: Reader & { postId: string; version: number },
    past: Pick<AggregateReader, "stateAsOf">,
  ): Promise<PostAtVersion | undefined> {
    const found = await views.first<KnownVersion>(knownVersion, [postId, version]);
    if (!found) return undefined;
    const { present_author_id: author_aggregate_id, published_version, ...known } = found;
    const first_version = firstVersionFor(reader, { author_aggregate_id, published_version });
    if (first_version === undefined || version < first_version) return undefined;
    const state = await past.stateAsOf("Post", postId, version);
    if (!state) return undefined;
    const values: Partial<PostAtVersion> = rowOf(state);
    const { author_aggregate_id: authorId } = values;
    const author = authorId && (await authorQueries.AuthorById(views, { authorId }));
    return { ...values, ...known, first_version, author_name: author ? author.name : null };
  },
};

type PostRights = Pick<PostRecord, "author_aggregate_id" | "published_version">;

const postRights = `
select author_aggregate_id, published_version
  from view_schema.post_records
 where aggregate_id = $1`;

interface KnownVersion
  extends Pick<PostAtVersion, "aggregate_id" | "version" | "newest_version" | "updated_at">,
    Pick<PostRights, "published_version"> {
  readonly present_author_id: string | null;
}

const knownVersion = `
select posts.aggregate_id, revision.version, posts.version as newest_version, revision.created_at as updated_at,
       posts.author_aggregate_id as present_author_id, posts.published_version
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
      and version >= $4
    order by version desc
    limit 1)
   union all
  select earlier.*, number + 1, bytes + octet_length(earlier.payload::text)
    from newest
   cross join lateral (
           select revision.*
             from view_schema.post_revision_records as revision
            where post_aggregate_id = $1
              and version >= $4
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
