import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBlog } from "../harness/blog-server.ts";
import { isRunning, runTypeScript } from "../harness/child.ts";
import { cursorsOf } from "../harness/cursors.ts";
import { makeHistory } from "../harness/history.ts";
import { type HttpLoad, httpLoad, type Request } from "../harness/http-load.ts";
import type { Lab } from "../harness/lab.ts";
import { timeBySteps } from "../harness/profile.ts";
import { signedInAs } from "../harness/session.ts";
import type { Store } from "../harness/store.ts";
import { content, title } from "./writes/add-posts.ts";

/** The processor time of the real server, by steps. */
export async function profile(lab: Lab): Promise<void> {
  const store = await lab.createStore();
  const { authorId, postIds } = await makeHistory(store, {
    posts: 5_000,
    eventsOfPost: 5,
    contentLength: 1_000,
  });
  const load = httpLoad(lab.cleanup);
  const fields = new URLSearchParams({ title, content }).toString();
  const headers = await signedInAs(store, authorId);
  const form = (path: string): Request => ({ method: "POST", path, body: fields, headers });
  const edit = (id: string): Request => ({ ...form(`/posts/${id}`), body: `${fields}${id}` });
  const get = (path: string): Request => ({ path });

  for (const { what, requests, expect } of [
    { what: "POST of a new post", requests: [form(`/authors/${authorId}/posts`)], expect: 303 },
    { what: "POST of an edited post", requests: postIds.map(edit), expect: 303 },
    {
      what: "GET of a post, signed in",
      requests: postIds.map((id) => ({ ...get(`/posts/${id}`), headers })),
      expect: 200,
    },
    { what: "GET of a post", requests: postIds.slice(0, 100).map((id) => get(`/posts/${id}`)), expect: 200 },
    {
      what: "GET of a post, rendered again",
      requests: postIds.map((id) => get(`/posts/${id}`)),
      expect: 200,
    },
    { what: "GET / with posts", requests: [get("/")], expect: 200 },
    {
      what: "GET of older posts, rendered again",
      requests: (await cursorsOf(store, 5_000)).map((after) => get(`/?after=${after}`)),
      expect: 200,
    },
  ]) {
    lab.say(what);
    await profileOne(lab, store, load, { what, requests, expect });
  }
}

interface Subject {
  readonly what: string;
  readonly requests: readonly Request[];
  readonly expect: number;
}

async function profileOne(lab: Lab, store: Store, load: HttpLoad, { what, requests, expect }: Subject) {
  const file = join(store.dataDirectory, `${what.replaceAll(/\W+/g, "-")}.cpuprofile`);
  const server = await startBlog(store, {
    script: "src/server.ts", // read file by file, so that a sample names the file
    env: { PROFILE: file },
    nodeOptions: [...runTypeScript, "--import", "./bench/harness/profiled.ts"],
    cleanup: lab.cleanup,
  });
  const run = (ms: number) => load({ port: server.port, requests, connections: 10, ms, expect });
  await run(2_000);
  process.kill(server.pid, "SIGUSR2");
  const before = await processorTime(server.pid);
  const { statuses } = await run(lab.options.quick ? 1_000 : 4_000);
  const used = (await processorTime(server.pid)) - before;
  process.kill(server.pid, "SIGUSR2");
  while (isRunning(server.pid) && !existsSync(file)) await sleep(50);
  const times = timeBySteps(JSON.parse(await readFile(file, "utf8")));
  await server.stop();
  // The samples give the shares. Their times depend on other programs.
  const sampled = [...times.values()].reduce((sum, time) => sum + time, 0);
  const scale = used / sampled / (statuses[expect] ?? 1);
  lab.breakdown({
    what,
    unit: "µs",
    parts: Object.fromEntries([...times].map(([step, time]) => [step, time * scale])),
  });
}

/** The processor time of a process so far, in microseconds. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000; // in hundredths of a second
}
