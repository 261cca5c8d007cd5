import { startBlog } from "../../harness/blog-server.ts";
import { type Server, startServer } from "../../harness/child.ts";
import { cursorsOf } from "../../harness/cursors.ts";
import type { Beside, HttpLoad } from "../../harness/http-load.ts";
import { at, type Contender, type Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import { signedInAs } from "../../harness/session.ts";
import type { Store } from "../../harness/store.ts";

export interface Site {
  readonly store: Store;
  readonly blog: Server;
  readonly express: Server;
  readonly load: HttpLoad;
  readonly authorId: string;
  /** Published posts, more than can be kept. */
  readonly postIds: readonly string[];
}

const perSecond = { unit: "/s", of: (rate: Rate) => rate.perSecond } as const;

export async function getPages(lab: Lab, site: Site): Promise<void> {
  const { store, blog, express, load, authorId, postIds } = site;
  const headers = await signedInAs(store, authorId);
  const renderer = await startBlog(store, { cleanup: lab.cleanup }); // other pages would take the place of kept ones
  const expressAlone = await startExpress(lab, store, { MIDDLEWARE: "off" });
  const everyPost = postIds.map((id) => `/posts/${id}`);
  const everyList = (await cursorsOf(store, postIds.length)).map((cursor) => `/?after=${cursor}`);

  for (const { what, byHand, paths, every, least } of [
    {
      what: "GET of a post",
      byHand: "Express, EJS, Markdown, one query",
      paths: everyPost.slice(0, 100),
      every: everyPost,
      least: 0.9,
    },
    {
      what: "GET / with 20 posts",
      byHand: "Express, EJS, one query",
      paths: ["/"],
      every: everyList,
      least: 1.2,
    },
  ]) {
    const contenders: Record<string, Contender<Rate>> = {
      blog: getting(load, blog, paths),
      unchanged: getting(load, blog, paths, { tags: await tagsOf(blog, paths) }),
      rendered: getting(load, renderer, every),
      expressEvery: getting(load, express, every),
      signedIn: getting(load, renderer, every, { headers }),
      expressSignedIn: getting(load, express, every, { headers }),
      express: getting(load, express, paths),
      expressAlone: getting(load, expressAlone, paths),
    };
    await lab.warmUp(contenders);
    const beside = (ours: string, named: string, yardstick: string, against: string, atLeast?: number) => ({
      ...perSecond,
      ...{ what: named, ours, yardstick, against },
      ...(atLeast !== undefined && { target: { atLeast } }),
    });
    const around = `${byHand}; headers, log, parser`;
    await lab.compare({
      contenders: at(contenders, 10, lab.options.ms),
      figures: [
        beside("blog", what, "express", around, least),
        beside("blog", what, "expressAlone", `${byHand}; nothing else`),
        beside("rendered", `${what}, not kept`, "expressEvery", around, 0.75),
        beside(
          "signedIn",
          `${what}, signed in`,
          "expressSignedIn",
          `${around}; one read by primary key`,
          0.75,
        ),
        beside("signedIn", `${what}, signed in`, "rendered", "somebody signed out, not kept"),
        beside("unchanged", `${what}, conditional, unchanged`, "rendered", "the full page, not kept", 2),
        beside("unchanged", `${what}, conditional, unchanged`, "blog", "the full page that is kept"),
      ],
    });
  }
}

interface Getting {
  readonly tags?: ReadonlyMap<string, string>;
  /** Of somebody who is signed in. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly beside?: Beside;
}

/** Each turn continues where the last one ended, because its first pages may still be kept. */
export function getting(
  load: HttpLoad,
  { port }: Server,
  paths: readonly string[],
  { tags = new Map(), headers = {}, beside }: Getting = {},
): Contender<Rate> {
  const expect = tags.size > 0 ? 304 : 200;
  const requests = paths.map((path) => ({ path, headers: { ...headers, ...headersWith(tags.get(path)) } }));
  let from = 0;
  return async (connections, ms) => {
    const result = await load({ port, requests, from, connections, ms, expect, ...(beside && { beside }) });
    from += result.statuses[expect] ?? 0;
    return result;
  };
}

function headersWith(tag: string | undefined): Record<string, string> {
  return tag === undefined ? {} : { "If-None-Match": tag };
}

async function tagsOf({ port }: Server, paths: readonly string[]): Promise<Map<string, string>> {
  const tags = new Map<string, string>();
  for (const path of paths) {
    const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    tags.set(path, headers.get("etag") ?? "");
  }
  return tags;
}

/** Starts the yardstick. */
export function startExpress(lab: Lab, { env }: Store, more: NodeJS.ProcessEnv = {}): Promise<Server> {
  return startServer("bench/yardsticks/express-read.ts", {
    env: { ...env, ...more, NODE_ENV: "production" },
    cleanup: lab.cleanup,
  });
}
