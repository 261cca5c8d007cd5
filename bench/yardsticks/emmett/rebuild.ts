import { randomUUID } from "node:crypto";
import { SQL } from "@event-driven-io/dumbo";
import type { Event, EventStore } from "@event-driven-io/emmett";
import {
  postgreSQLRawBatchSQLProjection,
  rebuildPostgreSQLProjections,
} from "@event-driven-io/emmett-postgresql";
import { added, evolve, nothing, type Post } from "./posts.ts";

type Recorded = Event & {
  readonly metadata: { readonly streamName: string; readonly streamPosition: bigint };
};

/** Posts and their history, with two statements for each batch of events. This is the fastest way. */
const views = postgreSQLRawBatchSQLProjection({
  name: "rebuilt_posts",
  canHandle: ["PostAdded", "PostAuthorChanged", "PostTitleChanged", "PostContentChanged", "PostPublished"],
  evolve: (events) => {
    const posts = new Map<string, object>();
    const revisions = (events as readonly Recorded[]).map(({ type, data, metadata }) => {
      const { streamName: id, streamPosition } = metadata;
      posts.set(id, evolve((posts.get(id) ?? { id, ...nothing }) as Post, { type, data }));
      return { id, version: Number(streamPosition), change: type, value: Object.values(data)[0] ?? null };
    });
    return [
      SQL`insert into rebuilt_posts
          select * from json_populate_recordset(null::rebuilt_posts, ${JSON.stringify([...posts.values()])}::json)
              on conflict (id) do update
             set author = coalesce(nullif(excluded.author, ''), rebuilt_posts.author),
                 title = coalesce(nullif(excluded.title, ''), rebuilt_posts.title),
                 content = coalesce(nullif(excluded.content, ''), rebuilt_posts.content),
                 published = coalesce(excluded.published, rebuilt_posts.published)`,
      SQL`insert into rebuilt_revisions
          select * from json_populate_recordset(null::rebuilt_revisions, ${JSON.stringify(revisions)}::json)`,
    ];
  },
  init: () => [
    SQL`create table if not exists rebuilt_posts (id text primary key, author text, title text, content text, published text)`,
    SQL`create table if not exists rebuilt_revisions (id text, version integer, change text, value text, primary key (id, version))`,
  ],
});

/** Stores posts of five events each, rebuilds their view, and returns the events a second. */
export async function rebuild(store: EventStore, connectionString: string, posts: number, post: Post) {
  const published = { type: "PostPublished", data: { published: "2026-11-20" } };
  let left = posts;
  const append = async () => {
    for (; left > 0; left -= 1)
      await store.appendToStream(`post-${randomUUID()}`, [...added(post), published]);
  };
  await Promise.all(Array.from({ length: 8 }, append));
  const consumer = rebuildPostgreSQLProjections({
    ...{ connectionString, projections: [views], pulling: { batchSize: 1_000 } },
  });
  const started = performance.now();
  await consumer.start();
  const seconds = (performance.now() - started) / 1_000;
  await consumer.close();
  return (posts * 5) / seconds;
}
