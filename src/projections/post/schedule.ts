import type { PostgresConnections } from "#sequent/operations";

/** A scheduled post. */
export interface DuePost {
  readonly aggregate_id: string;
  readonly due_at: Date;
  readonly time_zone: string;
  readonly scheduled_version: number;
  /** Not positive if it is due. By the clock of the database. */
  readonly due_in_ms: number;
}

export const scheduleQueries = {
  /** The posts that are due, or will be within a second, the earliest first. Nobody could cancel those of erased authors. */
  DuePosts: (views: PostgresConnections, { limit }: { limit: number }) =>
    views.all<DuePost>(duePosts, [limit]),

  /** The time zone in which an author has last scheduled a post. */
  async TimeZoneOfAuthor(
    views: PostgresConnections,
    { authorId }: { authorId: string },
  ): Promise<string | undefined> {
    const last = await views.first<{ time_zone: string }>(lastTimeZone, [authorId]);
    return last?.time_zone;
  },
};

const duePosts = `
select posts.aggregate_id, posts.due_at, posts.time_zone, posts.scheduled_version,
       (extract(epoch from posts.due_at - statement_timestamp()) * 1000)::double precision as due_in_ms
  from view_schema.post_records as posts
  join view_schema.author_records as authors on authors.aggregate_id = posts.author_aggregate_id
 where posts.due_at <= statement_timestamp() + interval '1 second'
   and authors.erased_at is null
 order by posts.due_at, posts.aggregate_id
 limit $1`;

const lastTimeZone = `
select time_zone
  from view_schema.post_records
 where author_aggregate_id = $1
   and time_zone is not null
 order by created_at desc, aggregate_id desc
 limit 1`;
