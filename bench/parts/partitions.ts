import { AggregateRepository, PublishedLog } from "#sequent/operations";
import { AddPost, EditPost } from "../../src/domain/post/commands.ts";
import { Post } from "../../src/domain/post/post.ts";
import { partitionEvents } from "../../test/support/guide.ts";
import { makeHistory } from "../harness/history.ts";
import type { Lab } from "../harness/lab.ts";
import { type Rate, rateOf } from "../harness/rate.ts";
import type { Store } from "../harness/store.ts";
import { content, title } from "./writes/add-posts.ts";

const eventsOfPost = 5;

/** A large event table, whole and in partitions, compared with a small one. */
export async function partitions(lab: Lab): Promise<void> {
  const [small, large] = lab.options.quick ? [10_000, 100_000] : [1_000_000, 10_000_000];
  const sites: Record<Name, Site> = {
    small: await siteWith(small, "small", lab),
    whole: await siteWith(large, "whole", lab),
    partitioned: await siteWith(large, "partitioned", lab),
  };
  await moveIntoPartitions(sites.partitioned.store, lab);
  for (const [what, work] of Object.entries(tasks)) {
    const run = (name: Name) => () => rateOf(work(sites[name]), { concurrent: 4, ms: lab.options.ms });
    const figure = (ours: Name) => ({
      what: `${what}, ${large.toLocaleString("en")} events, ${ours}`,
      ours,
      ...{ yardstick: "small" as const, against: `with ${small.toLocaleString("en")}, whole` },
      ...{ unit: "/s" as const, of: ({ perSecond }: Rate) => perSecond, target: { atLeast: 0.8 } },
    });
    await lab.compare({
      contenders: { small: run("small"), whole: run("whole"), partitioned: run("partitioned") },
      figures: [figure("whole"), figure("partitioned")],
    });
  }
}

type Name = "small" | "whole" | "partitioned";

interface Site {
  readonly store: Store;
  readonly authorId: string;
  readonly postIds: readonly string[];
}

async function siteWith(events: number, name: string, lab: Lab): Promise<Site> {
  const store = await lab.createStore(name);
  lab.say(`making ${events.toLocaleString("en")} events`);
  return { store, ...(await makeHistory(store, { posts: events / eventsOfPost, eventsOfPost })) };
}

async function moveIntoPartitions({ database: { patient } }: Store, lab: Lab): Promise<void> {
  lab.say("moving the events into partitions");
  const seconds = await partitionEvents(patient);
  await patient.raw("vacuum (analyze) sequent_schema.events");
  await patient.raw("checkpoint").catch(() => {}); // only with the necessary rights
  const [copied, swapped] = seconds.map((each) => each.toFixed(2));
  lab.note(`The events were copied in ${copied} s, while people may write; the swap took ${swapped} s.`);
}

/** The newest posts are in memory, however many there are. Of all posts, many have to be read from the disk. */
const someOf = {
  "of the newest 10,000": (ids: readonly string[]) => anyOf(ids.slice(-10_000)),
  "of all": anyOf,
};

const tasks: Readonly<Record<string, (site: Site) => () => Promise<unknown>>> = {
  AddPost:
    ({ store: { blog }, authorId }) =>
    () =>
      blog.commandService.executeCommands(new AddPost({ authorAggregateId: authorId, title, content })),
  "read 500 events of the log, from anywhere": ({ store: { database }, postIds }) => {
    const log = new PublishedLog(database.read);
    const any = anyOf(postIds);
    return async () => log.after((await log.find(any(), 1))?.position, 500);
  },
  ...Object.fromEntries(
    Object.entries(someOf).flatMap(([which, some]) => [
      [
        `EditPost, ${which}`,
        ({ store: { blog }, postIds }: Site) => {
          const any = some(postIds);
          const edit = () => new EditPost({ aggregateId: any(), title: `Edited ${Math.random()}`, content });
          return () => blog.commandService.executeCommands(edit());
        },
      ],
      [
        `load a post, ${which}`,
        ({ store: { blog }, postIds }: Site) => {
          const any = some(postIds);
          return () => new AggregateRepository(blog.eventStore).loadAggregate(Post, any());
        },
      ],
    ]),
  ),
};

/** In large steps, so neighbours in the table do not follow each other. */
function anyOf(ids: readonly string[]): () => string {
  let next = Math.floor(Math.random() * ids.length);
  return () => {
    next = (next + 7_919_417) % ids.length;
    return ids[next] ?? "";
  };
}
