import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { type NetConnectOpts, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { codeOf } from "#sequent/operations";
import { DatabaseUnavailable } from "../check-server.ts";
import { instead } from "./binaries.ts";
import { areCreated, createFiles, passwordFileOf, removeLeftovers } from "./files.ts";
import { clusterOf, type Place, placeOf } from "./place.ts";
import { give } from "./process-owner.ts";
import { addressOf, isRunning, start } from "./server.ts";
import { watch } from "./watch.ts";

/**
 * The Postgres in a data directory. Each connection first makes sure that it runs. So the first connection starts it, and a pool
 * starts it again after it was killed.
 *
 *     new pg.Pool(new EmbeddedPostgres("data").connection);
 */
export class EmbeddedPostgres {
  readonly #dataDirectory: string;
  #reaching: Promise<NetConnectOpts> | undefined;
  #watched: string | undefined;
  #wasOpened = false;

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** Options for pg.Client, pg.Pool or Knex. */
  get connection() {
    return {
      user: "postgres",
      database: "postgres",
      password: () => readFileSync(passwordFileOf(clusterOf(this.#dataDirectory)), "utf8"),
      stream: () => new EmbeddedSocket(() => this.start()),
    } satisfies pg.ClientConfig;
  }

  /** Finds the server, or starts it. Throws `DatabaseUnavailable`, which says what to do. */
  async start(): Promise<NetConnectOpts> {
    const dataDirectory = this.#dataDirectory;
    // It was moved or removed while this process runs. A new one would be empty.
    if (this.#wasOpened && !existsSync(clusterOf(dataDirectory)))
      throw new DatabaseUnavailable(
        `${dataDirectory} is gone. Move it back. Or start this program again, to begin with an empty one.`,
      );
    try {
      mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
      this.#reaching ??= this.#reach(realpathSync(dataDirectory)).finally(() => {
        this.#reaching = undefined;
      });
      const address = await this.#reaching;
      this.#wasOpened = true;
      return address;
    } catch (error) {
      const isRefused = /^(EACCES|EPERM|EROFS|EEXIST|ENOTDIR)$/.test(codeOf(error) ?? "");
      if (!isRefused || !(error instanceof Error)) throw error;
      throw new DatabaseUnavailable(
        `DATA_DIR=${dataDirectory} cannot be used (${error.message}). Set DATA_DIR to a folder in which you may write, ` +
          `or make yourself the owner of this one. ${instead}`,
      );
    }
  }

  async #reach(directory: string): Promise<NetConnectOpts> {
    const running = await addressOf(clusterOf(directory));
    if (running && this.#watched === directory) return running;
    const place = placeOf(directory);
    const address = running ?? (await startIn(place));
    this.#watched = directory;
    void watch(this.connection, place);
    return address;
  }
}

async function startIn(place: Place): Promise<NetConnectOpts> {
  const { directory, cluster, log, owner } = place;
  removeLeftovers(directory);
  if (!areCreated(cluster)) await createFiles(place);
  writeFileSync(log, "", { flag: "a", mode: 0o600 });
  for (const path of [cluster, log]) give(path, owner);
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    const failure = isRunning(cluster) ? "It is still starting, or still ending." : await start(place);
    const address = await addressOf(cluster);
    if (address) return address;
    // Another process is starting it, processes of a server that was killed are still ending, or the port is taken.
    const isPassing = isRunning(cluster) || /lock file|shared memory|TCP\/IP sockets/.test(failure);
    if (isPassing && Date.now() < deadline) continue;
    throw new DatabaseUnavailable(`Postgres does not start: ${failure}\nIts log is ${log}. ${instead}`);
  }
}

/** Finds its address by itself, and ignores the one that pg passes to `connect`. */
class EmbeddedSocket extends Socket {
  readonly #start: () => Promise<NetConnectOpts>;

  constructor(start: () => Promise<NetConnectOpts>) {
    super();
    this.#start = start;
  }

  override connect(): this {
    this.#start().then(
      (address) => this.destroyed || super.connect(address),
      (error: Error) => this.destroy(error),
    );
    return this;
  }
}
