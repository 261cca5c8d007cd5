import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

const programs = {
  nats: (port: number, directory: string) => [
    "nats-server",
    ...["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", directory],
  ],
  redis: (port: number, directory: string) => [
    "redis-server",
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
    ...["--appendonly", "yes", "--save", ""],
  ],
};

/** A broker on a port and in a folder of its own, for tests that kill it. It ends with the test. */
export class OwnBroker {
  readonly url: string;
  readonly #kind: keyof typeof programs;
  readonly #port: number;
  readonly #directory: string;
  #process: ChildProcess | undefined;

  private constructor(kind: keyof typeof programs, port: number, directory: string) {
    this.#kind = kind;
    this.#port = port;
    this.#directory = directory;
    this.url = `${kind}://127.0.0.1:${port}`;
  }

  static async start(kind: keyof typeof programs): Promise<OwnBroker> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-broker-"));
    const broker = new OwnBroker(kind, await freePort(), directory);
    onTestFinished(async () => {
      await broker.kill();
      await rm(directory, { recursive: true, force: true });
    });
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    const [program = "", ...args] = programs[this.#kind](this.#port, this.#directory);
    this.#process = spawn(program, args, { stdio: "ignore" });
    this.#process.on("error", (error) => {
      throw new Error(`${program} is needed: apt-get install ${program}`, { cause: error });
    });
    await until(() => listens(this.#port));
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "close");
  }

  /** It hangs, and its connections stay open. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  /** While it does not run. */
  async loseEverything(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
    await mkdir(this.#directory);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
