import { readFileSync, rmSync } from "node:fs";
import { appendFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import pg from "pg";
import { createFiles } from "../../src/database/embedded/files.ts";
import { type Place, placeOf } from "../../src/database/embedded/place.ts";
import { give } from "../../src/database/embedded/process-owner.ts";
import { isRunning, start } from "../../src/database/embedded/server.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

/** A Postgres server on its own port, for tests that kill it or affect all of its databases. */
export class OwnServer {
  readonly url: string;
  readonly #place: Place;
  readonly #port: number;

  private constructor(directory: string, port: number) {
    this.#place = placeOf(directory);
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  get cluster(): string {
    return this.#place.cluster;
  }

  /** One that ends with the test. */
  static async start(): Promise<OwnServer> {
    const server = await OwnServer.create();
    await server.#endWithTest();
    await server.start();
    return server;
  }

  /** One that does not run yet. */
  static async create(): Promise<OwnServer> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-server-"));
    const server = new OwnServer(directory, await freePort());
    await createFiles(server.#place);
    await writeFile(join(server.cluster, "pg_hba.conf"), "host all,replication all 127.0.0.1/32 trust\n");
    return server;
  }

  /** A streaming replica of this server, which shows each commit so many milliseconds late. Its name is for the primary. */
  async replica({ delayMs = 0, name = "replica" } = {}): Promise<OwnServer> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-replica-"));
    const replica = new OwnServer(directory, await freePort());
    await replica.#endWithTest();
    await this.#copyTo(replica.cluster);
    const settings = [
      `primary_conninfo = '${this.#conninfo(name)}'`,
      `recovery_min_apply_delay = ${delayMs}`,
    ];
    await appendFile(join(replica.cluster, "postgresql.auto.conf"), `${settings.join("\n")}\n`);
    await writeFile(join(replica.cluster, "standby.signal"), "");
    give(replica.cluster, replica.#place.owner);
    await replica.start();
    return replica;
  }

  #conninfo(name: string): string {
    return `host=127.0.0.1 port=${this.#port} user=postgres application_name=${name}`;
  }

  /** By SQL, because pg_basebackup is not installed with every server. */
  #copyTo(cluster: string): Promise<void> {
    return this.#ask(async (client) => {
      await client.query("select pg_backup_start('replica', true)");
      await cp(this.cluster, cluster, { recursive: true, filter: isCopied });
      const { rows } = await client.query("select labelfile from pg_backup_stop(false)");
      await writeFile(join(cluster, "backup_label"), rows[0].labelfile);
    });
  }

  /** As a replica, shows nothing new of the primary until it resumes. */
  pauseReplay(): Promise<void> {
    return this.#ask(async (client) => {
      await client.query("select pg_wal_replay_pause()");
      const select = "select pg_get_wal_replay_pause_state() as state";
      await until(async () => (await client.query(select)).rows[0].state === "paused");
    });
  }

  goOnReplaying(): Promise<void> {
    return this.#ask(async (client) => {
      await client.query("select pg_wal_replay_resume()");
    });
  }

  /** As a replica, follows another primary from now on, or nobody. */
  follow(primary: OwnServer | undefined, name = "replica"): Promise<void> {
    return this.set("primary_conninfo", primary ? primary.#conninfo(name) : "");
  }

  /** As a replica, becomes a primary. */
  promote(): Promise<void> {
    return this.#ask(async (client) => {
      await client.query("select pg_promote()");
    });
  }

  /** Changes a setting while the server runs. */
  set(setting: string, value: string): Promise<void> {
    return this.#ask(async (client) => {
      await client.query(`alter system set ${setting} = '${value}'`);
      await client.query("select pg_reload_conf()");
    });
  }

  async #ask(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }

  async #endWithTest(): Promise<void> {
    const { onTestFinished } = await import("vitest"); // here, because the bench also has servers
    onTestFinished(() => this.remove());
  }

  /** If it was killed, it first recovers from its write-ahead log. */
  async start(settings: Readonly<Record<string, string | number>> = {}): Promise<void> {
    await writeFile(this.#place.log, "", { flag: "a" });
    const failure = await start(this.#place, {
      ...{ listen_addresses: "127.0.0.1", port: this.#port, unix_socket_directories: "" },
      max_connections: 200,
      ...settings,
    });
    if (failure) throw new Error(failure);
    await writeFile(join(this.cluster, "watched"), ""); // the test ends it
  }

  /** All its processes end at once and write nothing more. */
  async kill(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  /** For a program that ends in the same moment. */
  killNow(): void {
    if (isRunning(this.cluster)) process.kill(this.#pid, "SIGQUIT");
    rmSync(this.#place.directory, { recursive: true, force: true });
  }

  /** Ends it as in a shutdown of the machine. */
  async stop(): Promise<void> {
    await this.#end("SIGINT");
  }

  async remove(): Promise<void> {
    await this.kill().catch(() => {}); // it is gone already
    await rm(this.#place.directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    process.kill(this.#pid, signal);
    await until(() => !isRunning(this.cluster));
  }

  get #pid(): number {
    return Number(readFileSync(join(this.cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  }
}

/** Without files of the running server: its sockets, its log, the number of its process. */
function isCopied(path: string): boolean {
  return !/^(postmaster\.(pid|opts)|\.s\.PGSQL\..*|pg_internal\.init.*|pgsql_tmp.*)$/.test(basename(path));
}
