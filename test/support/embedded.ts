import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import knex, { type Knex } from "knex";
import pg from "pg";
import { onTestFinished, vi } from "vitest";
import { clusterDirectory } from "../../src/database/embedded/cluster.ts";
import {
  type EmbeddedPostgresOptions,
  embeddedConnection,
  ensureEmbeddedPostgres,
} from "../../src/database/embedded/embedded-postgres.ts";
import { readNote, socketPath } from "../../src/database/embedded/host-files.ts";
import { isLocked } from "../../src/database/embedded/lock.ts";
import { errorField, messagesIn, readRow, typeOf } from "../../src/database/embedded/wire.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const { FAULT_ROUNDS = "0" } = process.env;
/** How often to repeat what is a matter of luck; the default set does it once. */
export const rounds = Number(FAULT_ROUNDS);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that nobody has waited for yet has ended all the same.
    return !(
      process.platform === "linux" && /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
    );
  } catch {
    return false;
  }
}

/** Speaks the protocol by hand, and collects the answers. */
export class RawClient {
  readonly socket: Socket;
  #answers = Buffer.alloc(0);

  constructor(directory: string) {
    this.socket = connect(socketPath(readNote(directory)?.address ?? "")).setNoDelay(true);
    this.socket
      .on("error", () => {})
      .on("data", (chunk: Buffer) => {
        this.#answers = Buffer.concat([this.#answers, chunk]);
      });
  }

  static startup(options = ""): Buffer {
    const fields = Buffer.from(`user\0postgres\0database\0postgres\0options\0${options}\0\0`);
    const head = Buffer.from([0, 0, 0, 0, 0, 3, 0, 0]);
    head.writeUInt32BE(head.length + fields.length, 0);
    return Buffer.concat([head, fields]);
  }

  write(...messages: Buffer[]): this {
    this.socket.write(Buffer.concat(messages));
    return this;
  }

  /** The answers up to the so-manieth ReadyForQuery: "T", "D(42)", "E(25006)", "Z(I)"... */
  async ready(count = 1): Promise<string[]> {
    const all = (): Buffer[] => [...messagesIn(this.#answers)];
    await until(() => all().filter((each) => typeOf(each) === "Z").length >= count, 4_000);
    const answers = all().map((each) => {
      const type = typeOf(each);
      if (type === "D") return `D(${readRow(each)})`;
      if (type === "E") return `E(${errorField(each, "C")})`;
      return type === "Z" ? `Z(${each.toString("latin1", 5)})` : type;
    });
    this.#answers = Buffer.alloc(0);
    return answers;
  }
}

export async function until(what: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !(await what()); await sleep(5)) {
    if (Date.now() > end) throw new Error(`still not so after ${milliseconds} ms: ${what}`);
  }
}

/** A data directory, the connections a test opens to it, and the end of its host when the test is over. */
export class Place {
  readonly directory: string;
  readonly #options: EmbeddedPostgresOptions;
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor(
    options: EmbeddedPostgresOptions = {},
    directory = mkdtempSync(join(tmpdir(), "embedded-test-")),
  ) {
    this.directory = directory;
    this.#options = options;
  }

  get pid(): number {
    return readNote(this.directory)?.pid ?? 0;
  }

  get log(): string {
    return readFileSync(join(this.directory, "host.log"), "utf8");
  }

  async client(more: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ ...embeddedConnection(this.directory, this.#options), ...more });
    client.on("error", () => {});
    await client.connect();
    this.#closers.push(() => client.end());
    return client;
  }

  pool(max = 3): Knex {
    const pool = knex({
      client: "pg",
      connection: embeddedConnection(this.directory, this.#options),
      pool: { min: 0, max },
      log: { warn: () => {} },
    });
    this.#closers.push(() => pool.destroy());
    return pool;
  }

  /** Kills the host as a crash would. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { pid } = this;
    process.kill(pid, signal);
    // The lock goes with the last thread; what breaks in the clients they are told in the next moments.
    await until(async () => !(await isLocked(realpathSync(this.directory))));
    await sleep(20);
  }

  async disconnect(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close().catch(() => {})));
  }

  async clear(): Promise<void> {
    await this.disconnect();
    if (this.pid && isAlive(this.pid)) await this.kill();
    const address = readNote(this.directory)?.address;
    if (address && process.platform !== "win32") rmSync(address, { recursive: true, force: true });
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** An empty cluster to copy, kept between runs since creating one takes seconds. */
async function template(): Promise<string> {
  const directory = join(tmpdir(), `embedded-test-template-${process.getuid?.()}`);
  if (!existsSync(clusterDirectory(directory))) await ensureEmbeddedPostgres(directory, { lingerMs: 0 });
  await until(async () => !(await isLocked(realpathSync(directory))));
  return directory;
}

/** What removes the whole data directory, or comes back from a backup, does this. */
export async function copyTemplate(directory: string): Promise<void> {
  cpSync(clusterDirectory(await template()), clusterDirectory(directory), { recursive: true });
}

/** A place whose cluster has been created before, since most tests are not about that. */
export async function newPlace(options: EmbeddedPostgresOptions = {}): Promise<Place> {
  const place = emptyPlace(options);
  await copyTemplate(place.directory);
  return place;
}

export function emptyPlace(options: EmbeddedPostgresOptions = {}): Place {
  const place = new Place(options);
  onTestFinished(() => place.clear(), 20_000);
  return place;
}
