import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { startBlog } from "../../harness/blog-server.ts";
import { median } from "../../harness/figures.ts";
import { makeHistory } from "../../harness/history.ts";
import { httpLoad, type Request } from "../../harness/http-load.ts";
import type { Lab } from "../../harness/lab.ts";
import { signedInAs } from "../../harness/session.ts";
import { content, title } from "../writes/add-posts.ts";

/** The memory of the process, each second, while it answers pages and forms. */
export async function memoryUnderLoad(lab: Lab): Promise<void> {
  const { minutes, quick } = lab.options;
  const seconds = minutes ? minutes * 60 : quick ? 5 : 20;
  const store = await lab.createStore("memory");
  const { authorId, postIds } = await makeHistory(store, {
    posts: 200,
    eventsOfPost: 5,
    contentLength: 1_000,
  });
  const server = await startBlog(store, { cleanup: lab.cleanup });
  const load = httpLoad(lab.cleanup);
  const pages: Request[] = ["/", "/authors", ...postIds.slice(0, 50).map((id) => `/posts/${id}`)].map(
    (path) => ({ path }),
  );
  const body = new URLSearchParams({ title, content }).toString();
  const headers = await signedInAs(store, authorId);
  const forms: Request[] = [{ method: "POST", path: `/authors/${authorId}/posts`, body, headers }];

  const points: number[] = [];
  const started = performance.now();
  const sampling = (async () => {
    while ((performance.now() - started) / 1_000 < seconds) {
      await sleep(1_000);
      points.push(await residentMegabytes(server.pid));
      lab.say(`memory under load, ${points.length} of ${seconds} seconds: ${points.at(-1)?.toFixed(0)} MB`);
    }
  })();
  while ((performance.now() - started) / 1_000 < seconds) {
    await load({ port: server.port, requests: pages, connections: 10, ms: 2_000, expect: 200 });
    await load({ port: server.port, requests: forms, connections: 10, ms: 2_000, expect: 303 });
  }
  await sampling;
  lab.series({
    name: "Memory of one web process under load",
    unit: "MB",
    every: "second",
    points,
    limit: 150,
  });
  lab.withinLimit(`highest memory under load in ${seconds} seconds`, points, {
    limit: 150,
    unit: "MB",
    of: (values) => Math.max(...values),
  });
  if (!minutes) return;
  // without the time to warm up
  const [early, late] = [
    points.slice(points.length / 4, points.length / 2),
    points.slice((points.length * 3) / 4),
  ];
  lab.withinLimit(`memory in the last quarter of ${minutes} minutes, compared with the second`, late, {
    limit: 1.1 * median(early),
    unit: "MB",
  });
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}
