import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { onTestFinished } from "vitest";
import { EmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { createFiles } from "../../src/database/embedded/files.ts";
import { clusterOf, placeOf } from "../../src/database/embedded/place.ts";
import { isRunning } from "../../src/database/embedded/server.ts";
import { until } from "./until.ts";

let template: string | undefined;

/** A data directory, the connections that a test opens to it, and the end of its server when the test is over. */
export class Place {
  readonly directory: string;
  readonly postgres: EmbeddedPostgres;
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor(directory = mkdtempSync(join(tmpdir(), "embedded test ä-"))) {
    this.directory = directory;
    this.postgres = new EmbeddedPostgres(directory);
    onTestFinished(() => this.#clear(), 20_000);
  }

  /** One with files, which are made once for all tests and copied. */
  static async withFiles(): Promise<Place> {
    const place = new Place();
    if (template === undefined) {
      template = mkdtempSync(join(tmpdir(), "embedded-template-"));
      process.once("exit", () => rmSync(template ?? "", { recursive: true, force: true }));
      await createFiles(placeOf(template));
    }
    cpSync(template, place.directory, { recursive: true });
    return place;
  }

  get cluster(): string {
    return clusterOf(this.directory);
  }

  get isRunning(): boolean {
    return isRunning(this.cluster);
  }

  /** The number of the server's process. */
  get pid(): number {
    return Number(readFileSync(join(this.cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  }

  async client(more: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ ...this.postgres.connection, ...more });
    client.on("error", () => {});
    await client.connect();
    this.#closers.push(() => client.end());
    return client;
  }

  pool(max = 3): pg.Pool {
    const pool = new pg.Pool({ ...this.postgres.connection, max });
    pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
    this.#closers.push(() => pool.end());
    return pool;
  }

  /** Ends the server as a crash would. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { pid } = this;
    process.kill(pid, signal);
    await until(() => !this.#isRunningAs(pid)); // a client may have started another one already
  }

  #isRunningAs(pid: number): boolean {
    try {
      return this.isRunning && this.pid === pid;
    } catch {
      return false; // it has just gone
    }
  }

  async disconnect(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close().catch(() => {})));
  }

  async #clear(): Promise<void> {
    await this.disconnect();
    if (this.isRunning) await this.kill("SIGQUIT"); // which waits for its processes
    if (existsSync(this.directory) && !lstatSync(this.directory).isSymbolicLink())
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
