import { AddPost, EditPost } from "../../src/domain/post/commands.ts";
import { startBlog } from "../harness/blog-server.ts";
import type { Server } from "../harness/child.ts";
import { cursorsOf } from "../harness/cursors.ts";
import { makeHistory } from "../harness/history.ts";
import { type HttpLoad, httpLoad } from "../harness/http-load.ts";
import type { Lab } from "../harness/lab.ts";
import { type Rate, rateOf } from "../harness/rate.ts";
import type { Store } from "../harness/store.ts";
import { content, title } from "./writes/add-posts.ts";

const eventsOfPost = 5;

/** Is a large store as fast as a small one? Measures stores of several sizes in turn. */
export async function growth(lab: Lab): Promise<void> {
  const [smallest = 0, ...larger] = sizesFor(lab);
  const load = httpLoad(lab.cleanup);
  const sites = new Map<number, Site>();
  for (const events of [smallest, ...larger]) sites.set(events, await siteWith(events, lab));

  for (const { what, run } of tasks(lab, load)) {
    const contenders = Object.fromEntries([...sites].map(([events, site]) => [events, () => run(site)]));
    await lab.compare({
      contenders,
      figures: larger.flatMap((events) =>
        (["p50", "p99"] as const).map((percentile) => ({
          what: `${what}, ${percentile}, with ${events.toLocaleString("en")} events`,
          ours: String(events),
          yardstick: String(smallest),
          against: `with ${smallest.toLocaleString("en")}`,
          unit: "ms" as const,
          of: (rate: Rate) => rate[percentile],
          target: { atMost: 1.2 },
        })),
      ),
    });
  }
}

interface Site {
  readonly store: Store;
  readonly server: Server;
  readonly authorId: string;
  readonly postIds: readonly string[];
  readonly deepPages: readonly string[];
}

function sizesFor(lab: Lab): number[] {
  return lab.options.quick ? [1_000, 50_000] : [1_000, 100_000, 3_000_000];
}

async function siteWith(events: number, lab: Lab): Promise<Site> {
  const store = await lab.createStore(`growth_${events}`);
  lab.say(`making ${events.toLocaleString("en")} events`);
  const { authorId, postIds } = await makeHistory(store, { posts: events / eventsOfPost, eventsOfPost });
  await store.database.patient.raw("checkpoint").catch(() => {}); // only with the necessary rights
  const deepPages = (await cursorsOf(store, 20)).map((after) => `/?after=${after}`);
  const server = await startBlog(store, { cleanup: lab.cleanup });
  return { store, server, authorId, postIds: postIds.toReversed(), deepPages };
}

function tasks(lab: Lab, load: HttpLoad): { what: string; run: (site: Site) => Promise<Rate> }[] {
  const { ms } = lab.options;
  const get = ({ server: { port } }: Site, paths: readonly string[]) =>
    load({ port, requests: paths.map((path) => ({ path })), connections: 4, ms, expect: 200 });
  return [
    {
      what: "AddPost",
      run: ({ store: { blog }, authorId }) =>
        rateOf(
          () =>
            blog.commandService.executeCommands(new AddPost({ authorAggregateId: authorId, title, content })),
          { concurrent: 4, ms },
        ),
    },
    {
      what: "EditPost",
      run: ({ store: { blog }, postIds }) => {
        let next = Math.floor(Math.random() * postIds.length);
        const edit = () => {
          next = (next + 7_919) % postIds.length;
          const aggregateId = postIds[next] ?? "";
          return new EditPost({ aggregateId, title: `Edited ${Math.random()}`, content });
        };
        return rateOf(() => blog.commandService.executeCommands(edit()), { concurrent: 4, ms });
      },
    },
    { what: "home page", run: (site) => get(site, ["/"]) },
    { what: "deep pages", run: (site) => get(site, site.deepPages) },
  ];
}
