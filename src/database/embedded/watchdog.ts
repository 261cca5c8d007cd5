import { Worker } from "node:worker_threads";

/** Odd while the main thread is inside Postgres. */
export interface BusyMark {
  begin(): void;
  end(): void;
}

const TICKS = 10;

// Plain JavaScript in a string: a worker does not get the TypeScript loader on every Node, and this must not fail.
// It counts its own ticks and never looks at a clock, so a laptop that slept has not been "busy" all night.
const WORKER = `
  const { workerData: { mark, tickMs, ticks, limitMs } } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  let last = 0, seen = 0;
  setInterval(() => {
    const now = Atomics.load(mark, 0);
    seen = now === last && now % 2 !== 0 ? seen + 1 : 0;
    last = now;
    if (seen < ticks) return;
    writeSync(2, new Date().toISOString() + " watchdog: one step took longer than " + limitMs + " ms; killing the process\\n");
    process.kill(process.pid, "SIGKILL");
  }, tickMs);
`;

/** Kills this process when one step in Postgres, which blocks the main thread, takes longer than the limit. */
export function startWatchdog(limitMs: number): BusyMark {
  const mark = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(WORKER, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 },
    workerData: { mark, tickMs: limitMs / TICKS, ticks: TICKS, limitMs },
  });
  worker.unref();
  const step = (): void => void Atomics.add(mark, 0, 1);
  return { begin: step, end: step };
}
