import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stop } from "../../harness/child.ts";
import type { Cleanup } from "../../harness/cleanup.ts";
import type { Store } from "../../harness/store.ts";

export interface ReplayRun {
  /** From the start of the program to its end. */
  readonly seconds: number;
  /** The highest memory of the program and its workers together. */
  readonly megabytes: number;
}

/** `npm run replay -- …`, as a person starts it. */
export async function runReplay(
  { env }: Pick<Store, "env">,
  args: readonly string[],
  cleanup: Cleanup,
): Promise<ReplayRun> {
  const started = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  cleanup.defer(() => stop(child));
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const ended = once(child, "exit");
  const watching = mostMemory(child);
  const [code] = await ended;
  if (code !== 0) throw new Error(`npm run replay -- ${args.join(" ")} ended with ${code}:\n${complaints}`);
  return { seconds: (performance.now() - started) / 1_000, megabytes: await watching };
}

const program = fileURLToPath(new URL("../../../src/bin/replay.js", import.meta.url));

async function mostMemory(child: ChildProcess): Promise<number> {
  let most = 0;
  while (child.exitCode === null && child.signalCode === null) {
    most = Math.max(most, await megabytesOf(String(child.pid)));
    await sleep(100);
  }
  return most;
}

/** The memory of a process and its children. */
async function megabytesOf(parent: string): Promise<number> {
  let sum = 0;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""); // it has ended
    if (pid === parent || new RegExp(`^PPid:\\s+${parent}$`, "m").test(status))
      sum += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
  }
  return sum;
}
