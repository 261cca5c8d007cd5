import { startBlog } from "../../harness/blog-server.ts";
import { type Server, startServer } from "../../harness/child.ts";
import { cursorsOf } from "../../harness/cursors.ts";
import type { HttpLoad, Request } from "../../harness/http-load.ts";
import { at, type Contender, type Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import type { Store } from "../../harness/store.ts";

interface Site {
  readonly store: Store;
  readonly blog: Server;
  readonly load: HttpLoad;
  /** More than are kept. */
  readonly postIds: readonly string[];
}

const perSecond = { unit: "/s", of: (rate: Rate) => rate.perSecond } as const;

export async function getPages(lab: Lab, { store, blog, load, postIds }: Site): Promise<void> {
  const renderer = await startBlog(store, { cleanup: lab.cleanup }); // it would forget the pages that the other keeps
  const everyPost = postIds.map((id) => `/posts/${id}`);
  const posts = everyPost.slice(0, 100);
  const postsOnHome = (await textOf(blog, "/")).split("<article").length - 1;
  const yardstick = (env: NodeJS.ProcessEnv) =>
    startServer("bench/yardsticks/express-read.ts", {
      env: { ...store.env, ...env, NODE_ENV: "production", POSTS_ON_HOME: String(postsOnHome) },
      cleanup: lab.cleanup,
    });
  const express = await yardstick({});
  const expressAlone = await yardstick({ MIDDLEWARE: "off" });

  /** Each turn goes on where the one before ended: what it asked for first may still be kept. */
  const get = (server: Server, requests: readonly Request[], expect = 200): Contender<Rate> => {
    let from = 0;
    return async (connections, ms) => {
      const result = await load({ port: server.port, requests, from, connections, ms, expect });
      from += result.statuses[expect] ?? 0;
      return result;
    };
  };

  const others = (await cursorsOf(store, everyPost.length)).map((cursor) => `/?after=${cursor}`);
  for (const { what, paths, rendered, least } of [
    { what: "GET of a post", paths: posts, rendered: everyPost, least: 0.9 },
    { what: `GET / with ${postsOnHome} posts`, paths: ["/"], rendered: others, least: 1.2 },
  ]) {
    const full = paths.map((path) => ({ path }));
    const conditional = await Promise.all(
      paths.map(async (path) => ({ path, headers: { "If-None-Match": await etagOf(blog, path) } })),
    );
    const contenders = {
      blog: get(blog, full),
      unchanged: get(blog, conditional, 304),
      rendered: get(
        renderer,
        rendered.map((path) => ({ path })),
      ),
      express: get(express, full),
      expressAlone: get(expressAlone, full),
    };
    await lab.warmUp(contenders);
    await lab.compare({
      contenders: at(contenders, 10, lab.options.ms),
      figures: [
        {
          ...perSecond,
          what,
          ours: "blog",
          yardstick: "express",
          against: "Express, EJS, one query; headers, log, parser",
          target: { atLeast: least },
        },
        {
          ...perSecond,
          what,
          ours: "blog",
          yardstick: "expressAlone",
          against: "Express, EJS, one query; nothing around it",
        },
        {
          ...perSecond,
          what: `${what}, conditional, unchanged`,
          ours: "unchanged",
          yardstick: "rendered",
          against: "the full page, rendered",
          target: { atLeast: 2 },
        },
        {
          ...perSecond,
          what: `${what}, conditional, unchanged`,
          ours: "unchanged",
          yardstick: "blog",
          against: "the full page that is kept",
        },
      ],
    });
  }
}

async function textOf({ port }: Server, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

async function etagOf({ port }: Server, path: string): Promise<string> {
  const { headers } = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { "Accept-Encoding": "identity" },
  });
  return headers.get("etag") ?? "";
}
