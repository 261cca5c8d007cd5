import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../../../src/database/embedded/server.ts";
import { startBlog } from "../../harness/blog-server.ts";
import { makeHistory } from "../../harness/history.ts";
import type { Lab } from "../../harness/lab.ts";

/** A directory with data, without a running Postgres. */
export async function startEmbedded(lab: Lab): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-bench-"));
  lab.cleanup.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 }));
  lab.cleanup.defer(() => untilPostgresHasEnded(directory));
  const startedIn = async () => {
    const server = await startBlog({ env: { DATA_DIR: directory } }, { cleanup: lab.cleanup });
    await server.stop();
    await untilPostgresHasEnded(directory);
    return server.startedIn;
  };
  lab.say("the very first start, embedded");
  const first = await startedIn();
  lab.note(`The very first start, which makes the embedded Postgres, took ${(first / 1_000).toFixed(1)} s.`);
  lab.withinLimit("first answer after the start, embedded, warm", await rounds(lab, startedIn), {
    limit: 600,
    unit: "ms",
  });
}

export async function startOnServer(lab: Lab): Promise<void> {
  const store = await lab.createStore("start");
  await makeHistory(store, { posts: 100, eventsOfPost: 5, contentLength: 1_000 });
  const startedIn = async () => {
    const server = await startBlog(store, { cleanup: lab.cleanup });
    await server.stop();
    return server.startedIn;
  };
  const samples = await rounds(lab, startedIn);
  lab.withinLimit("first answer after the start, on a server", samples, { limit: 600, unit: "ms" });
}

async function rounds(lab: Lab, sample: () => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 1; round <= lab.options.rounds; round += 1) {
    lab.say(`start, round ${round} of ${lab.options.rounds}`);
    samples.push(await sample());
  }
  return samples;
}

/** It runs for some more seconds, in case another program needs it. */
async function untilPostgresHasEnded(directory: string): Promise<void> {
  while (isRunning(join(directory, "postgres"))) await sleep(50);
}
