import { startBlog } from "../harness/blog-server.ts";
import type { Server } from "../harness/child.ts";
import { makeHistory } from "../harness/history.ts";
import { httpLoad, type Request } from "../harness/http-load.ts";
import type { Lab } from "../harness/lab.ts";
import type { Rate } from "../harness/rate.ts";
import { signedInAs } from "../harness/session.ts";
import { content, title } from "./writes/add-posts.ts";

/** One process and two: are the answers right, and does the second process help? */
export async function processes(lab: Lab): Promise<void> {
  const { ms } = lab.options;
  const store = await lab.createStore();
  const { authorId, postIds } = await makeHistory(store, {
    posts: 200,
    eventsOfPost: 5,
    contentLength: 1_000,
  });
  const load = httpLoad(lab.cleanup);
  const [one, two] = [
    await startBlog(store, { cleanup: lab.cleanup }),
    await startBlog(store, { env: { WEB_CONCURRENCY: "2" }, cleanup: lab.cleanup }),
  ];
  const gets: Request[] = postIds.map((id) => ({ path: `/posts/${id}` }));
  const body = new URLSearchParams({ title, content }).toString();
  const headers = await signedInAs(store, authorId);
  const posts: Request[] = [{ method: "POST", path: `/authors/${authorId}/posts`, body, headers }];

  for (const { what, requests, expect } of [
    { what: "GET of a post by two processes", requests: gets, expect: 200 },
    { what: "POST of a post by two processes", requests: posts, expect: 303 },
  ]) {
    const run =
      ({ port }: Server) =>
      () =>
        load({ port, requests, connections: 20, ms, expect });
    await lab.compare({
      contenders: { one: run(one), two: run(two) },
      figures: [
        {
          what,
          ours: "two",
          yardstick: "one",
          against: "one process",
          unit: "/s",
          of: (rate: Rate) => rate.perSecond,
        },
      ],
    });
  }
  await readYourWrites(lab, two, authorId, headers.Cookie);
}

/** The page after the redirect shows the new text, from either process. */
async function readYourWrites(lab: Lab, { port }: Server, authorId: string, cookie: string): Promise<void> {
  /** Each time on a new connection, so either process may take it. */
  const headers = { Connection: "close", Accept: "text/html", Cookie: cookie };
  const count = lab.options.quick ? 50 : 300;
  let wrong = 0;
  for (let number = 1; number <= count; number += 1) {
    lab.say(`pages after forms, ${number} of ${count}`);
    const words = `What was written as number ${number}`;
    const created = await send(port, `/authors/${authorId}/posts`, { title: words, content }, headers);
    const first = await read(port, created, headers);
    await send(port, created, { title: `${words}, edited`, content }, headers);
    const second = await read(port, created, headers);
    if (!first.includes(words) || !second.includes(`${words}, edited`)) wrong += 1;
  }
  if (wrong > 0)
    throw new Error(`With two processes, ${wrong} of ${2 * count} pages did not show what was written.`);
  lab.note(`With two processes, all of ${2 * count} pages after a form showed what was written.`);
}

async function send(
  port: number,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string>,
): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    redirect: "manual",
    headers,
    body: new URLSearchParams(fields),
  });
  await answer.arrayBuffer();
  if (answer.status !== 303) throw new Error(`POST ${path} was answered with ${answer.status}.`);
  return answer.headers.get("location") ?? "";
}

async function read(port: number, path: string, headers: Record<string, string>): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
}
