import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "./cleanup.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A program in a process of its own that serves HTTP. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  /** The time until its first answer, in milliseconds. */
  readonly startedIn: number;
  stop(): Promise<void>;
}

export const runTypeScript = ["--import", "tsx"];

/**
 * Starts it on a free port, and waits for its first answer. Its log goes to /dev/null: writing costs the same, and nobody needs to
 * read it.
 */
export async function startServer(
  script: string,
  {
    env = {},
    nodeOptions = runTypeScript,
    path = "/",
    cleanup,
  }: {
    readonly env?: NodeJS.ProcessEnv;
    readonly nodeOptions?: readonly string[];
    readonly path?: string;
    readonly cleanup: Cleanup;
  },
): Promise<Server> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, script], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env, PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr?.on("data", (chunk) => {
    complaints += chunk;
  });
  cleanup.defer(() => stop(child));
  while (!(await answers(port, path))) {
    if (hasEnded(child)) throw new Error(`${script} ended before it answered:\n${complaints}`);
    if (performance.now() - started > 60_000) throw new Error(`${script} does not answer:\n${complaints}`);
    await sleep(3);
  }
  return {
    port,
    pid: child.pid ?? 0,
    startedIn: performance.now() - started,
    stop: () => stop(child),
  };
}

export async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(impatient);
}

/** The next message of a forked program. If the program ends, this throws. */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const end = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error(`${child.spawnargs.at(-1)} has ended.`);
  });
  end.catch(() => {});
  try {
    const [message] = (await Promise.race([
      once(child, "message", { signal: ended.signal }),
      end,
    ])) as unknown[];
    return message;
  } finally {
    ended.abort();
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function answers(port: number, path: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("No port is free.");
  return address.port;
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
