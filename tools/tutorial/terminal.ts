import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { prettyLine } from "../../src/web/logging/pretty-line.ts";

/** Not those of this run, and no settings of a blog or a Postgres of the user. */
const foreign = new RegExp(
  [
    "^(npm_|GIT_|GITHUB_|VITEST|VITE_|PG)",
    "^(INIT_CWD|CI|TEST|FORCE_COLOR|NODE_ENV|PORT|BIND_ADDRESS|DATABASE_URL|READ_DATABASE_URL|DATABASE_POOL|DATA_DIR)$",
    "^(REPLAY_AT_START|SESSION_SECRET|PUBLIC_URL|TRUST_PROXY|WEB_CONCURRENCY|RATE_LIMIT|LOG_LEVEL)$",
    "^(SMTP_URL|MAIL_FROM|CONFIRM_ADDRESS|SUBSCRIPTIONS|BROKER_URL|BROKER_TOPIC|BROKER_PERSONAL|METRICS_TOKEN|SEARCH_URL)$",
  ].join("|"),
);

/**
 * A terminal in a folder. Its ports from 3000 on are others than those of the text, and so is the Postgres server at localhost:5432:
 * nobody is in the way.
 */
export class Terminal {
  folder: string;
  /** For `npm test -- something`, which else starts a server of its own each time. */
  testDatabase: string | undefined;
  readonly #port: number;
  readonly #postgresPort: string | undefined;
  readonly #running: Background[] = [];
  #command: Background | undefined;
  #exported: NodeJS.ProcessEnv = {};

  constructor(folder: string, port: number, postgresPort?: string) {
    this.folder = folder;
    this.#port = port;
    this.#postgresPort = postgresPort;
  }

  /** Runs a command to its end. `cd` and `export` hold for those after it, but not in the second terminal. */
  async run(line: string, seconds = 300): Promise<{ code: number; output: string }> {
    const to = /^cd (\S+)$/.exec(line)?.[1];
    if (to !== undefined) {
      this.folder = resolve(this.folder, to);
      return { code: 0, output: "" };
    }
    if (line.startsWith("export ")) {
      const values = [...this.here(line).matchAll(/ (\w+)=(\S+)/g)].map(([, name = "", value]) => [
        name,
        value,
      ]);
      this.#exported = { ...this.#exported, ...Object.fromEntries(values) };
      return { code: 0, output: "" };
    }
    const isPart = line.startsWith("npm test -- ") && this.testDatabase !== undefined;
    const environment = {
      ...this.#environment(),
      ...(isPart && { DATABASE_URL: this.testDatabase }),
      ...this.#exported,
    };
    const process = new Background(this.here(line), this.folder, environment);
    this.#command = process;
    const code = await Promise.race([process.ended, sleep(seconds * 1000, undefined, { ref: false })]);
    if (code === undefined) {
      await process.stop();
      return { code: 1, output: `${process.output}\n(stopped: it did not end within ${seconds} seconds)` };
    }
    return { code, output: process.output };
  }

  start(line: string): Background {
    const process = new Background(this.here(line), this.folder, this.#environment(), line);
    this.#running.push(process);
    return process;
  }

  /** Those that were started and go on. */
  get running(): readonly Background[] {
    return this.#running.filter(({ isRunning }) => isRunning);
  }

  async close(): Promise<void> {
    const all = this.#command?.isRunning ? [...this.#running, this.#command] : this.#running;
    await Promise.all(all.map((each) => each.stop()));
  }

  /** A command or an address with the ports of this terminal. */
  here(text: string): string {
    const here = text.replace(/(?<=localhost:|127\.0\.0\.1:|\bPORT=)30(\d\d)\b/g, (_, last) =>
      String(this.#port + Number(last)),
    );
    return this.#postgresPort ? here.replaceAll(/(?<=localhost:)5432\b/g, this.#postgresPort) : here;
  }

  #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    return {
      ...Object.fromEntries(kept),
      ...{ NO_COLOR: "1", TZ: "UTC", LC_ALL: "C.UTF-8", COLUMNS: "100", PORT: String(this.#port) },
      ...{ npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" },
      npm_config_prefer_offline: "true",
      ...(this.#postgresPort && { PGPORT: this.#postgresPort }),
    };
  }
}

/** A process and those that it has started. */
export class Background {
  readonly line: string;
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  #output = "";

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv, line = command) {
    this.line = line;
    this.#child = spawn(command, {
      ...{ cwd, env, shell: true, stdio: ["ignore", "pipe", "pipe"] },
      detached: process.platform !== "win32", // a group of its own, so that it can be ended as a whole
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => {
        this.#output += text;
      });
    this.ended = once(this.#child, "close").then(([code]) => code ?? 1);
  }

  /** As a person sees it in a terminal, without colours. */
  get output(): string {
    const lines = this.#output.split(/(?<=\n)/);
    const isPretty = !this.line.includes("NODE_ENV=production");
    return stripVTControlCharacters(
      lines.map((line) => (isPretty && /^\{"level".*\}\n$/.test(line) ? prettyLine(line) : line)).join(""),
    );
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until the output is as wanted. Returns undefined if it never is, or if the process ends first. */
  async until<T>(wanted: (output: string) => T | undefined, seconds: number): Promise<T | undefined> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(20)) {
      const isOver = !this.isRunning || Date.now() > end;
      const found = wanted(this.output);
      if (found !== undefined || isOver) return found;
    }
  }

  /** Like Ctrl-C, and harder if that is not enough. */
  async stop(): Promise<void> {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      if (!this.isRunning) break;
      this.#signal(signal);
      await Promise.race([this.ended, sleep(5_000, undefined, { ref: false })]);
    }
    this.#signal("SIGKILL"); // what has outlived its parent
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(process.platform === "win32" ? (this.#child.pid ?? 0) : -(this.#child.pid ?? 0), signal);
    } catch {
      // there is none any more
    }
  }
}

/** A port that is free, with a hundred above it. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 300) * 100;
    const server = createServer();
    const isFree = await new Promise((answer) => {
      server.once("error", () => answer(false)).listen(port, () => answer(true));
    });
    server.close();
    if (isFree) return port;
  }
}
