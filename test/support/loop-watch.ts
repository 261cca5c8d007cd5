import { readFileSync } from "node:fs";

/**
 * How long this process's event loop was held in one piece, in milliseconds of the processor. Not by the clock: on a busy
 * machine that counts what others do as well. And of this thread alone, for what other threads do holds nobody up.
 */
export class LoopWatch {
  #watched = 0;
  #since = 0;
  #longest = 0;

  /** From now on each turn of the event loop is measured, until `end` was called as often. */
  begin(): void {
    this.#watched += 1;
    if (this.#watched > 1) return;
    this.#since = threadCpuTime();
    setImmediate(this.#turn);
  }

  end(): void {
    this.#watched -= 1;
  }

  /** The longest piece since it was last asked. */
  take(): number {
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }

  readonly #turn = () => {
    this.#longest = Math.max(this.#longest, threadCpuTime() - this.#since);
    if (this.#watched === 0) return;
    this.#since = threadCpuTime(); // without what it takes to look
    setImmediate(this.#turn);
  };
}

interface CpuUsage {
  readonly user: number;
  readonly system: number;
}

/** Milliseconds of work that this thread has done. */
function threadCpuTime(): number {
  const ofThread = (process as { threadCpuUsage?(): CpuUsage }).threadCpuUsage; // since Node 23
  if (ofThread) return sum(ofThread.call(process));
  if (process.platform !== "linux") return sum(process.cpuUsage());
  Atomics.wait(cell, 0, 0, 0.001); // Linux brings its figure up to date when a thread goes to sleep
  return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ", 1)[0]) / 1_000_000;
}

const cell = new Int32Array(new SharedArrayBuffer(4));

function sum({ user, system }: CpuUsage): number {
  return (user + system) / 1_000;
}
