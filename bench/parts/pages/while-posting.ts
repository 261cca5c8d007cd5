import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "../../harness/child.ts";
import { at, type Contender, type Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import { content, title } from "../writes/add-posts.ts";
import { getting, type Site } from "./get-pages.ts";

const formsPerSecond = 10;

/** Pages while others write: each form makes all kept pages old. */
export async function getWhilePosting(
  lab: Lab,
  { blog, express, load, authorId, postIds }: Site,
): Promise<void> {
  for (const [what, paths] of [
    ["GET of a post", postIds.slice(0, 100).map((id) => `/posts/${id}`)],
    ["GET / with 20 posts", ["/"]],
  ] as const) {
    const contenders = {
      blog: whilePosting(getting(load, blog, paths), blog, authorId),
      express: whilePosting(getting(load, express, paths), blog, authorId),
    };
    await lab.warmUp(contenders);
    await lab.compare({
      contenders: at(contenders, 10, lab.options.ms),
      figures: [
        {
          what: `${what} while ${formsPerSecond} forms a second are posted`,
          ours: "blog",
          yardstick: "express",
          against: "Express by hand, the same forms beside it",
          unit: "/s",
          of: (rate: Rate) => rate.perSecond,
        },
      ],
    });
  }
}

function whilePosting(get: Contender<Rate>, blog: Server, authorId: string): Contender<Rate> {
  return async (connections, ms) => {
    const stop = new AbortController();
    const posting = post(blog, authorId, stop.signal);
    const rate = await get(connections, ms);
    stop.abort();
    await posting;
    return rate;
  };
}

async function post({ port }: Server, authorId: string, stop: AbortSignal): Promise<void> {
  const url = `http://127.0.0.1:${port}/authors/${authorId}/posts`;
  while (!stop.aborted) {
    const body = new URLSearchParams({ title, content });
    const { status } = await fetch(url, { method: "POST", body, redirect: "manual" });
    if (status !== 303) throw new Error(`A form was answered with ${status}.`);
    await sleep(1_000 / formsPerSecond, undefined, { signal: stop }).catch(() => {});
  }
}
