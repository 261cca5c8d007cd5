import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type BrokerPlace, type Kind, programs } from "./broker-programs.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

/** A broker on a port and in a folder of its own, for tests that kill it. It ends with the test. */
export class OwnBroker {
  readonly url: string;
  readonly #kind: Kind;
  readonly #place: BrokerPlace;
  #process: ChildProcess | undefined;

  private constructor(kind: Kind, place: BrokerPlace) {
    this.#kind = kind;
    this.#place = place;
    this.url = programs[kind].url(place.port);
  }

  /** With options of its program, such as `--maxmemory`. */
  static async start(kind: Kind, options: readonly string[] = []): Promise<OwnBroker> {
    const place = { port: await freePort(), peerPort: await freePort(), peers: [], options };
    return OwnBroker.#at(kind, place);
  }

  /** Three that are one cluster. */
  static async cluster(kind: "nats" | "rabbitmq"): Promise<OwnBroker[]> {
    const peers = await Promise.all(
      [1, 2, 3].map(async () => ({ port: await freePort(), peerPort: await freePort() })),
    );
    return Promise.all(peers.map((peer) => OwnBroker.#at(kind, { ...peer, peers, options: [] })));
  }

  static async #at(kind: Kind, place: Omit<BrokerPlace, "directory">): Promise<OwnBroker> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-broker-"));
    const broker = new OwnBroker(kind, { ...place, directory });
    onTestFinished(async () => {
      await broker.kill();
      await rm(directory, { recursive: true, force: true });
    });
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    const { command, env, install } = await programs[this.#kind].prepare(this.#place);
    const [program = "", ...args] = command;
    const options = { stdio: "ignore", detached: true, env: { ...process.env, ...env } } as const;
    this.#process = spawn(program, args, options);
    this.#process.on("error", (error) => {
      throw new Error(`${program} is needed: apt-get install ${install}`, { cause: error });
    });
    await until(() => listens(this.#place.port), 60_000);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const closed = once(running, "close");
    this.#signal("SIGKILL");
    await closed;
  }

  /** It hangs, and its connections stay open. */
  pause(): void {
    this.#signal("SIGSTOP");
  }

  goOn(): void {
    this.#signal("SIGCONT");
  }

  /** To the program and those that it has started. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid) process.kill(-this.#process.pid, signal);
  }

  /** By `rabbitmqctl`. */
  async control(...args: readonly string[]): Promise<void> {
    const { env } = await programs[this.#kind].prepare(this.#place);
    const child = spawn("/usr/lib/rabbitmq/bin/rabbitmqctl", args, {
      stdio: "ignore",
      env: { ...process.env, ...env },
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`rabbitmqctl ${args.join(" ")} ended with ${code}`);
  }

  /** While it does not run. */
  async loseEverything(): Promise<void> {
    await rm(this.#place.directory, { recursive: true, force: true });
    await mkdir(this.#place.directory);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
