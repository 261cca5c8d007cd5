import { type Server, startServer } from "../../harness/child.ts";
import type { HttpLoad, Request } from "../../harness/http-load.ts";
import type { Lab } from "../../harness/lab.ts";
import type { Rate } from "../../harness/rate.ts";
import type { Store } from "../../harness/store.ts";

interface Site {
  readonly store: Store;
  readonly blog: Server;
  readonly load: HttpLoad;
  readonly postIds: readonly string[];
}

const perSecond = { unit: "/s", of: (rate: Rate) => rate.perSecond } as const;

export async function getPages(lab: Lab, { store, blog, load, postIds }: Site): Promise<void> {
  const { ms } = lab.options;
  const posts = postIds.map((id) => `/posts/${id}`);
  const postsOnHome = (await textOf(blog, "/")).split("<article").length - 1;
  const yardstick = (env: NodeJS.ProcessEnv) =>
    startServer("bench/yardsticks/express-read.ts", {
      env: { ...store.env, ...env, NODE_ENV: "production", POSTS_ON_HOME: String(postsOnHome) },
      cleanup: lab.cleanup,
    });
  const express = await yardstick({});
  const expressAlone = await yardstick({ MIDDLEWARE: "off" });

  const get =
    (server: Server, requests: readonly Request[], expect = 200) =>
    () =>
      load({ port: server.port, requests, connections: 10, ms, expect });

  for (const { what, paths, least } of [
    { what: "GET of a post", paths: posts, least: 0.9 },
    { what: `GET / with ${postsOnHome} posts`, paths: ["/"], least: 1.2 },
  ]) {
    const full = paths.map((path) => ({ path }));
    const conditional = await Promise.all(
      paths.map(async (path) => ({ path, headers: { "If-None-Match": await etagOf(blog, path) } })),
    );
    await lab.compare({
      contenders: {
        blog: get(blog, full),
        unchanged: get(blog, conditional, 304),
        express: get(express, full),
        expressAlone: get(expressAlone, full),
      },
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
          yardstick: "blog",
          against: "the full page",
          target: { atLeast: 2 },
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
