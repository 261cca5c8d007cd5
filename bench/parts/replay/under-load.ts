import { AddPost } from "../../../src/domain/post/commands.ts";
import { startBlog } from "../../harness/blog-server.ts";
import { median, percentile } from "../../harness/figures.ts";
import { httpLoad, type LoadResult, type Request } from "../../harness/http-load.ts";
import type { Lab } from "../../harness/lab.ts";
import { signedInAs } from "../../harness/session.ts";
import type { Store } from "../../harness/store.ts";
import { content, title } from "../writes/add-posts.ts";
import { runReplay } from "./replay-process.ts";

interface Site {
  readonly store: Store;
  readonly authorId: string;
  readonly postIds: readonly string[];
}

/** How fast pages and forms are answered while views are built. A wrong answer is an error. */
export async function answersMeanwhile(lab: Lab, { store, authorId, postIds }: Site): Promise<void> {
  const { port } = await startBlog(store, { cleanup: lab.cleanup });
  const headers = await signedInAs(store, authorId);
  const body = new URLSearchParams({ title, content }).toString();
  const kinds = [
    {
      name: "GET of a post",
      expect: 200,
      load: httpLoad(lab.cleanup),
      requests: postIds.slice(-500).map((id): Request => ({ path: `/posts/${id}` })),
    },
    {
      name: "POST of a post",
      expect: 303,
      load: httpLoad(lab.cleanup),
      requests: [{ method: "POST", path: `/authors/${authorId}/posts`, body, headers } satisfies Request],
    },
  ];
  const second = () =>
    Promise.all(kinds.map(({ load, ...rest }) => load({ ...{ port, connections: 1, ms: 1_000 }, ...rest })));
  lab.say("answers before a replay");
  await second();
  const before: LoadResult[][] = [];
  for (let count = 0; count < 5; count += 1) before.push(await second());
  lab.say("answers while a replay runs");
  const meanwhile: LoadResult[][] = [];
  let running = true;
  const replay = runReplay(store, ["--all"], lab.cleanup).finally(() => {
    running = false;
  });
  while (running) meanwhile.push(await second());
  await replay;
  for (const [place, { name }] of kinds.entries()) {
    const p99s = (all: readonly LoadResult[][]) => all.map((each) => each[place]?.p99 ?? Number.NaN);
    const yardstick = median(p99s(before));
    const ours = median(p99s(meanwhile));
    lab.add({
      ...{ part: "replay", what: `${name} while a replay runs, p99`, against: "before it", unit: "ms" },
      ...{ ours, yardstick, ratio: ours / yardstick, target: { atMost: 2 } },
      rounds: p99s(meanwhile).map((p99) => p99 / yardstick),
    });
  }
}

/** The slowest AddPost during a switch. */
export async function pausesAtSwitches(lab: Lab, site: Site): Promise<void> {
  const pauses: number[] = [];
  const switches = lab.options.quick ? 4 : 10;
  for (let number = 1; number <= switches; number += 1) {
    lab.say(`switch ${number} of ${switches}`);
    let switching = true;
    const replay = runReplay(site.store, ["--rollback"], lab.cleanup).finally(() => {
      switching = false;
    });
    pauses.push(await slowestWhile(() => switching, site));
    await replay;
  }
  lab.withinLimit(`the slowest AddPost of each of ${switches} switches, p99`, pauses, {
    limit: 100,
    unit: "ms",
    of: (all) => percentile(all, 99),
  });
  const until = performance.now() + 5_000;
  const without = await slowestWhile(() => performance.now() < until, site);
  lab.note(`In five seconds without a switch, the slowest AddPost took ${Math.round(without)} ms.`);
}

async function slowestWhile(goesOn: () => boolean, { store, authorId }: Site): Promise<number> {
  let slowest = 0;
  while (goesOn()) {
    const started = performance.now();
    await store.blog.commandService.executeCommands(
      new AddPost({ authorAggregateId: authorId, title, content }),
    );
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}
