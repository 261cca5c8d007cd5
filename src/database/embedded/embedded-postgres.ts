import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { DatabaseUnavailable } from "../check-server.ts";
import { type Binaries, findBinaries, instead } from "./binaries.ts";
import { create, isCreated, passwordFileOf } from "./cluster.ts";
import { give, processOwner } from "./process-owner.ts";
import { type Address, addressOf, isRunning, start } from "./server.ts";
import { watch } from "./watch.ts";

const patienceMs = 30_000;

/** By folder: connections of this process that find no server wait for the same start. */
const reaching = new Map<string, Promise<Address>>();
const watched = new Set<string>();

/**
 * Options for pg.Client, pg.Pool or Knex. Each connection that they open first makes sure that the server of the folder
 * runs. So whoever comes first starts it, and a pool finds it again after it was killed.
 *
 *     new pg.Pool(embeddedConnection("data"));
 */
export function embeddedConnection(dataDirectory: string) {
  return {
    user: "postgres",
    database: "postgres",
    password: () => readFileSync(passwordFileOf(join(dataDirectory, "postgres")), "utf8"),
    stream: () => new EmbeddedSocket(dataDirectory),
  } satisfies pg.ClientConfig;
}

/** Finds the server of a folder, or starts it. Throws `DatabaseUnavailable`, which says what to do. */
export async function ensureEmbeddedPostgres(dataDirectory: string): Promise<Address> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(dataDirectory);
  const address = reaching.get(directory) ?? reach(directory).finally(() => reaching.delete(directory));
  reaching.set(directory, address);
  return address;
}

async function reach(directory: string): Promise<Address> {
  const cluster = join(directory, "postgres");
  const log = join(directory, "postgres.log");
  const running = await addressOf(cluster);
  if (running && watched.has(directory)) return running;
  const binaries = findBinaries(directory);
  const address = running ?? (await startServer(directory, cluster, log, binaries));
  watched.add(directory);
  void watch(embeddedConnection(directory), cluster, log, binaries.folder);
  return address;
}

async function startServer(
  directory: string,
  cluster: string,
  log: string,
  binaries: Binaries,
): Promise<Address> {
  const owner = processOwner(directory, cluster, binaries.folder);
  writeFileSync(log, "", { flag: "a", mode: 0o600 });
  if (!isCreated(directory)) await create(directory, binaries, owner);
  for (const path of [cluster, log]) give(path, owner);
  for (const deadline = Date.now() + patienceMs; ; await sleep(20)) {
    const failure = isRunning(cluster)
      ? "It has been starting or ending for half a minute."
      : await start(cluster, log, binaries, owner);
    const address = await addressOf(cluster);
    if (address) return address;
    // Another process starts it, the processes of one that was killed are still ending, or the port is taken.
    const isPassing = isRunning(cluster) || /lock file|shared memory|could not bind/.test(failure);
    if (isPassing && Date.now() < deadline) continue;
    throw new DatabaseUnavailable(
      `Postgres does not start: ${failure.trim()}\nIts log is ${log}. ${instead}`,
    );
  }
}

/** Called by pg with an address that means nothing here. */
class EmbeddedSocket extends Socket {
  readonly #dataDirectory: string;

  constructor(dataDirectory: string) {
    super();
    this.#dataDirectory = dataDirectory;
  }

  override connect(): this {
    ensureEmbeddedPostgres(this.#dataDirectory).then(
      (address) => this.destroyed || super.connect(address),
      (error: Error) => this.destroy(error),
    );
    return this;
  }
}
