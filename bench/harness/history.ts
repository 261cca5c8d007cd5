import type { Knex } from "knex";
import { newId } from "#sequent/operations";
import { AddAuthor } from "../../src/domain/author/commands.ts";
import type { Store } from "./store.ts";

interface History {
  readonly posts: number;
  /** Four events make a draft, the fifth publishes it, all others change its title. */
  readonly eventsOfPost: number;
  readonly contentLength?: number;
}

/**
 * Makes posts with their commands, events and rows of views in a few statements: 3,000,000 events in a minute. A second call adds
 * more. Returns the ids of the new posts.
 */
export async function makeHistory(
  { database: { patient }, blog }: Pick<Store, "database" | "blog">,
  { posts, eventsOfPost, contentLength = 200 }: History,
): Promise<{ authorId: string; postIds: string[] }> {
  const author = new AddAuthor({ name: "Ada", email: `${newId()}@example.com` });
  await blog.commandService.executeCommands(author);
  const authorId = author.aggregateId;
  const postIds: string[] = [];
  const most = Math.ceil(eventsAtOnce / eventsOfPost);
  for (let from = 1; from <= posts; from += most) {
    const values = { authorId, from, to: Math.min(from + most - 1, posts), eventsOfPost, contentLength };
    postIds.push(...(await patient.transaction((transaction) => makePosts(transaction, values))));
  }
  await patient.raw("vacuum (analyze)"); // otherwise autovacuum does it during a measurement
  return { authorId, postIds };
}

/** Several transactions, because readers of the log wait for the oldest one of the server. */
const eventsAtOnce = 250_000;

type Values = Readonly<Record<"from" | "to" | "eventsOfPost" | "contentLength", number>> & {
  readonly authorId: string;
};

async function makePosts(transaction: Knex.Transaction, values: Values): Promise<string[]> {
  for (const table of factTables)
    await transaction.raw(`alter table sequent_schema.${table} disable trigger user`);
  for (const sql of [newPosts, newEvents, commands, aggregates, events, revisions, postRecords]) {
    await transaction.raw(sql, values);
  }
  if (values.eventsOfPost > 4) await transaction.raw(publishedPosts, values);
  for (const table of factTables)
    await transaction.raw(`alter table sequent_schema.${table} enable trigger user`);
  const { rows } = await transaction.raw("select id from made_posts order by number");
  await transaction.raw("drop table made_posts, made_events");
  return (rows as { id: string }[]).map(({ id }) => id);
}

const factTables = ["commands", "aggregates", "events"];

/** An id of version 7, in the order of time. The number and the kind make it unique. */
const id = (number: string, kind: number) => `
  (lpad(to_hex((extract(epoch from now()) * 1000)::bigint + ${number} / 4096), 12, '0') || '7'
   || lpad(to_hex(${number} % 4096), 3, '0') || '8${kind}' || substr(md5(now()::text || ${number}), 1, 14))::uuid`;

const newPosts = `
create unlogged table made_posts as
select number, ${id("number", 0)} as id, :authorId::uuid as author_id,
       now() - interval '1 day' + number * interval '1 ms' as created_at,
       'Post number ' || number as title,
       left(repeat('Some **words** about number ' || number || ', and a [link](https://example.com).'
            || E'\\n\\n', :contentLength / 60 + 1), :contentLength) as content
  from generate_series(:from::bigint, :to) as number`;

/** One row for each event: the first four come from one command, each other from one of its own. */
const newEvents = `
create unlogged table made_events as
select posts.number, posts.id, sequence, posts.author_id, posts.created_at,
       ${id("(posts.number * :eventsOfPost::bigint + greatest(sequence - 4, 0))", 1)} as command_id,
       (array['PostAdded', 'PostAuthorChanged', 'PostTitleChanged', 'PostContentChanged', 'PostPublished'])
         [case when sequence > 5 then 3 else sequence end] as type,
       case
         when sequence = 1 then '{}'
         when sequence = 2 then jsonb_build_object('authorAggregateId', author_id)
         when sequence = 4 then jsonb_build_object('content', content)
         when sequence = 5 then jsonb_build_object('publicationDate', to_char(posts.created_at, 'YYYY-MM-DD'),
                                                   'authorAggregateId', author_id)
         else jsonb_build_object('title', case when sequence = 3 then title else title || ', ' || sequence end)
       end as payload,
       title, content
  from made_posts as posts, generate_series(1, :eventsOfPost) as sequence
 order by posts.number, sequence`;

const commands = `
insert into sequent_schema.commands (command_id, command_type, aggregate_id, payload, event_count, created_at)
select command_id,
       case sequence when 4 then 'AddPost' when 5 then 'PublishPost' else 'EditPost' end, id,
       case sequence
         when 4 then jsonb_build_object('authorAggregateId', author_id, 'title', title, 'content', content)
         when 5 then payload - 'authorAggregateId'
         else payload || jsonb_build_object('content', content)
       end,
       case sequence when 4 then 4 else 1 end, created_at
  from made_events
 where sequence >= 4
 order by number, sequence`;

const aggregates = `
insert into sequent_schema.aggregates (aggregate_id, aggregate_type)
select id, 'Post' from made_posts order by number`;

const events = `
insert into sequent_schema.events (
  aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at
)
select id, sequence, type, 0, payload, command_id, created_at from made_events order by number, sequence`;

const postRecords = `
insert into view_schema.post_records (
  aggregate_id, author_aggregate_id, title, content, publication_date, published_at, published_version,
  version, created_at, updated_at
)
select id, author_id, case when :eventsOfPost > 5 then title || ', ' || :eventsOfPost else title end, content,
       case when :eventsOfPost > 4 then created_at::date end, case when :eventsOfPost > 4 then created_at end,
       case when :eventsOfPost > 4 then 5 end, :eventsOfPost, created_at, created_at
  from made_posts order by number`;

const revisions = `
insert into view_schema.post_revision_records (post_aggregate_id, version, event_type, payload, created_at)
select id, sequence, type, payload, created_at
  from made_events order by number, sequence`;

const publishedPosts =
  "update view_schema.author_records set published_posts = published_posts + :to - :from + 1 where aggregate_id = :authorId";
