import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binaries, findBinaries } from "../../src/database/embedded/binaries.ts";
import { create } from "../../src/database/embedded/cluster.ts";
import { type ProcessOwner, processOwner } from "../../src/database/embedded/process-owner.ts";
import { isRunning, start } from "../../src/database/embedded/server.ts";
import { until } from "./until.ts";

/** A Postgres server on a port of its own, for tests that kill it or do what concerns all of its databases. */
export class OwnServer {
  readonly url: string;
  readonly cluster: string;
  readonly #directory: string;
  readonly #port: number;
  readonly #binaries: Binaries;
  readonly #owner: ProcessOwner;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.cluster = join(directory, "postgres");
    this.#port = port;
    this.#binaries = findBinaries(directory);
    this.#owner = processOwner(directory, this.cluster, this.#binaries.folder);
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** One that ends with the test. */
  static async start(): Promise<OwnServer> {
    const { onTestFinished } = await import("vitest"); // here, for the bench has servers as well
    const server = await OwnServer.create();
    onTestFinished(() => server.remove());
    await server.start();
    return server;
  }

  /** One that does not run yet. */
  static async create(): Promise<OwnServer> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-server-"));
    const server = new OwnServer(directory, await freePort());
    await create(directory, server.#binaries, server.#owner);
    await writeFile(join(server.cluster, "pg_hba.conf"), "host all,replication all 127.0.0.1/32 trust\n");
    return server;
  }

  /** Goes through its write-ahead log first, if it was killed. */
  async start(settings: Readonly<Record<string, string | number>> = {}): Promise<void> {
    const log = join(this.#directory, "postgres.log");
    closeSync(openSync(log, "a"));
    const failure = await start(this.cluster, log, this.#binaries, this.#owner, {
      ...{ listen_addresses: "127.0.0.1", port: this.#port, unix_socket_directories: "" },
      max_connections: 200,
      ...settings,
    });
    if (failure) throw new Error(failure);
    await writeFile(join(this.cluster, "watched"), ""); // the test ends it
  }

  /** All its processes end at once, and nothing is written any more. */
  async kill(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  /** For a program that ends in the same moment. */
  killNow(): void {
    if (isRunning(this.cluster)) process.kill(this.#pid, "SIGQUIT");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Ends it as in a shutdown of the machine. */
  async stop(): Promise<void> {
    await this.#end("SIGINT");
  }

  async remove(): Promise<void> {
    await this.kill().catch(() => {}); // it is gone already
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    process.kill(this.#pid, signal);
    await until(() => !isRunning(this.cluster));
  }

  get #pid(): number {
    return Number(readFileSync(join(this.cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
