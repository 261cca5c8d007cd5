import { randomUUID } from "node:crypto";
import { CommandHandler, type EventStore, projections } from "@event-driven-io/emmett";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import { rateOf } from "../../harness/rate.ts";
import { added, documents, evolve, mergedRows, nothing, type Post, rows } from "./posts.ts";
import { rebuild } from "./rebuild.ts";

/** A process of its own, because importing Emmett changes how `pg` reads numbers. */
export type Job = {
  readonly kind: "rows" | "mergedRows" | "documents" | "handler" | "rebuild";
  /** The number of lanes or, for a rebuild, of posts. */
  readonly concurrent: number;
  readonly ms: number;
  readonly post: Post;
};

const url = process.env["DATABASE_URL"] ?? "";
const stores = {
  rows: getPostgreSQLEventStore(url, { projections: projections.inline([rows]) }),
  mergedRows: getPostgreSQLEventStore(url, { projections: projections.inline([mergedRows]) }),
  documents: getPostgreSQLEventStore(url, { projections: projections.inline([documents]) }),
  handler: getPostgreSQLEventStore(url),
};
const handle = CommandHandler<Post>({ evolve, initialState: () => nothing });

process.on("message", async ({ kind, concurrent, ms, post }: Job) => {
  if (kind === "rebuild") {
    process.send?.({ perSecond: await rebuild(stores.handler, url, concurrent, post), p50: 0, p99: 0 });
    return;
  }
  const work = kind === "handler" ? await handling(stores.handler, post) : appending(stores[kind], post);
  process.send?.(await rateOf(work, { concurrent, ms }));
});
process.on("disconnect", () => process.exit());

function appending(store: EventStore, post: Post) {
  return () => store.appendToStream(`post-${randomUUID()}`, added(post));
}

const streams: string[] = [];
const eventsOfStream = 1_000;

/** Loads a thousand events, decides, appends one. The streams take turns, so they hardly grow. */
async function handling(store: EventStore, post: Post) {
  while (streams.length < 64) {
    const stream = `post-${randomUUID()}`;
    const changes = Array.from({ length: eventsOfStream - 4 }, (_, number) => ({
      type: "PostTitleChanged",
      data: { title: `${post.title} ${number}` },
    }));
    await store.appendToStream(stream, [...added(post), ...changes]);
    streams.push(stream);
  }
  let count = 0;
  return async () => {
    count += 1;
    const title = `Edited ${count}`;
    const stream = streams.shift() ?? "";
    await handle(store, stream, (state) =>
      title === state.title ? [] : [{ type: "PostTitleChanged", data: { title } }],
    );
    streams.push(stream);
  };
}

await Promise.all(Object.values(stores).map((store) => store.schema.migrate()));
process.send?.("ready");
