import cluster, { type Worker } from "node:cluster";
import type { Logger } from "../web/logging/log.ts";
import { stopOnSignal } from "./graceful-stop.ts";

const steadyAfter = 5_000;
const [shortestPause, longestPause] = [500, 30_000];
const patience = 15_000;

/**
 * Runs this program in several workers, which share one port. Returns the port when all of them serve. Undefined if not even the
 * first one does. A worker that ends later is replaced: at once, or more and more slowly if new ones end soon, too.
 */
export function startWorkers(count: number, log: Logger): Promise<number | undefined> {
  const servingSince = new Map<number, number>();
  let started = false;
  let stopping = false;
  let pause = 0;

  const replace = (worker: Worker, code: number | null, signal: string | null) => {
    const since = servingSince.get(worker.id) ?? Date.now();
    pause = Date.now() - since > steadyAfter ? 0 : Math.min(longestPause, Math.max(shortestPause, pause * 2));
    log.error({ pid: worker.process.pid, code, signal, replacedInMs: pause }, "worker ended");
    setTimeout(() => stopping || cluster.fork(), pause);
  };

  const stop = () => {
    stopping = true;
    log.info("stopping");
    if (workers().length === 0) process.exit(0); // the next one was about to start
    for (const worker of workers()) stopWorker(worker, servingSince.has(worker.id));
    setTimeout(end, patience);
  };
  stopOnSignal(stop, end);

  // Each worker accepts connections by itself. Otherwise this process would pass them on, and Node loses a connection on its way to
  // a worker that ends: its client would wait for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;

  return new Promise((resolve) => {
    cluster.on("listening", (worker, { port }) => {
      // The first one starts alone. If it cannot serve (the port is taken), only one worker says so.
      if (!started) for (let more = 1; more < count; more += 1) cluster.fork();
      started = true;
      servingSince.set(worker.id, Date.now());
      if (stopping) stopWorker(worker, true);
      if (servingSince.size === count) resolve(port);
    });
    cluster.on("exit", (worker, code, signal) => {
      if (stopping && workers().length === 0) process.exit(0);
      if (!started) resolve(undefined);
      else if (!stopping) replace(worker, code, signal);
      servingSince.delete(worker.id);
    });
    cluster.fork();
  });
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/** Stops the workers by a message: a terminal also sends its signals to them, and a second signal would cut off requests. */
function stopWorker(worker: Worker, isServing: boolean): void {
  if (isServing) worker.send("stop", () => {});
  else worker.process.kill("SIGTERM");
}

function end(): void {
  for (const worker of workers()) worker.process.kill("SIGKILL");
  process.exit(1);
}
