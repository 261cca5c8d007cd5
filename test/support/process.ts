import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Of these programs, those that this project has: one that began without the blog has no seed. */
export function present<Program extends string | readonly [string, readonly string[]]>(
  ...programs: readonly Program[]
): Program[] {
  return programs.filter((each) => existsSync(join(root, typeof each === "string" ? each : each[0])));
}

/** What production needs, but for its database. */
export const production = {
  NODE_ENV: "production",
  SESSION_SECRET: "s".repeat(32),
  SMTP_URL: "smtp://localhost:1025",
  MAIL_FROM: "blog@example.com",
};

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Everything that it wrote so far. */
  output(): string;
  /** Waits until it wrote something that matches, and returns the match. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code or the signal that ended it, when it has ended. */
  readonly ended: Promise<number | string>;
}

/** Runs a program like `npm start`, in its own directory, and ends it with the test. */
export async function run(
  script: string,
  env: NodeJS.ProcessEnv,
  nodeOptions = ["--import", "./src/typescript.js"],
  args: readonly string[] = [],
  input?: string,
): Promise<RunningProcess> {
  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-"));
  const { PATH, SystemRoot } = process.env; // without the second, nothing on Windows can open a socket
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    cwd: root,
    env: { PATH, SystemRoot, PORT: "0", DATA_DIR: directory, NODE_ENV: "test", ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  return {
    child,
    ended,
    output: () => text,
    wrote: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(text);
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`It ended before it wrote ${pattern}:\n${text}`)));
        look();
      }),
  };
}

/** The port that a server prints. */
export async function portOf(server: RunningProcess): Promise<number> {
  return Number((await server.wrote(/The blog is at http:\/\/localhost:(\d+)/))[1]);
}
