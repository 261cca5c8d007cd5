import { readFileSync } from "node:fs";

/**
 * How long this process's event loop was blocked in one piece, in milliseconds of the processor. The clock would also count
 * other processes of a busy machine. Only this thread counts, because other threads block nobody.
 */
export class LoopWatch {
  #watched = 0;
  #since = 0;
  #longest = 0;

  /** Measures each turn of the event loop, until `end` was called as often. */
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
    this.#since = threadCpuTime(); // without the time of the measurement
    setImmediate(this.#turn);
  };
}

/**
 * How many times as long as on the machine of the limits this one needs for the same work: 1 there, and on faster ones. The work
 * is of the kind that requests do: a text is made, escaped, and goes through JSON.
 */
export function slowness(): number {
  const times = Array.from({ length: 15 }, () => {
    const before = threadCpuTime();
    fixedWork();
    return threadCpuTime() - before;
  });
  const [median = 0] = times
    .slice(4)
    .sort((one, other) => one - other)
    .slice(5); // the first four compile it
  return Math.max(1, median / 5);
}

function fixedWork(): number {
  let text = "";
  for (let index = 0; index < 300_000; index += 1) text += String.fromCharCode(33 + ((index * 7_919) % 90));
  const escaped = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return JSON.parse(JSON.stringify(escaped.split(";"))).length;
}

interface CpuUsage {
  readonly user: number;
  readonly system: number;
}

/** Milliseconds of work of this thread. */
function threadCpuTime(): number {
  const ofThread = (process as { threadCpuUsage?(): CpuUsage }).threadCpuUsage; // since Node 23
  if (ofThread) return sum(ofThread.call(process));
  if (process.platform !== "linux") return sum(process.cpuUsage());
  Atomics.wait(cell, 0, 0, 0.001); // Linux updates its figure when a thread goes to sleep
  return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ", 1)[0]) / 1_000_000;
}

const cell = new Int32Array(new SharedArrayBuffer(4));

function sum({ user, system }: CpuUsage): number {
  return (user + system) / 1_000;
}
