import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

const execute = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/**
 * A server of the Postgres that is installed on this machine. It has pg_dump, pg_restore and pg_basebackup, which the package
 * from npm lacks.
 */
export class SystemServer {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async isInstalled(): Promise<boolean> {
    const directory = await programs().catch(() => "");
    return existsSync(join(directory, "initdb"));
  }

  /** The caller removes it. Settings look like "wal_level=logical". */
  static async create(...settings: readonly string[]): Promise<SystemServer> {
    const directory = await newDirectory();
    await postgres("initdb", "--pgdata", directory, "--username", "postgres", "--auth", "trust");
    for (const setting of settings) await appendFile(join(directory, "postgresql.conf"), `${setting}\n`);
    const server = new SystemServer(directory, await freePort());
    await server.start();
    return server;
  }

  /** A standby that follows this server, until it is promoted. */
  async standby(): Promise<SystemServer> {
    const directory = await newDirectory();
    const options = ["--checkpoint=fast", "--write-recovery-conf", "--dbname", this.url];
    await postgres("pg_basebackup", "--pgdata", directory, ...options);
    const server = new SystemServer(directory, await freePort());
    await server.start();
    return server;
  }

  /** If it was killed, it first recovers from its write-ahead log. */
  async start(): Promise<void> {
    const options = `-p ${this.#port} -k ${this.#directory} -c listen_addresses=127.0.0.1`;
    await postgres(
      "pg_ctl",
      "start",
      "--wait",
      "--pgdata",
      this.#directory,
      "--log",
      join(this.#directory, "log"),
      "--options",
      options,
    );
  }

  /** All its processes end at once and write nothing more. */
  async kill(): Promise<void> {
    await postgres("pg_ctl", "stop", "--mode", "immediate", "--pgdata", this.#directory);
  }

  async remove(): Promise<void> {
    await this.kill().catch(() => {}); // it is gone already
    await rm(this.#directory, { recursive: true });
  }

  urlOf(database: string): string {
    return this.url.replace(/postgres$/, database);
  }

  /** Like `pg_dump -Fc`, or with the tables alone. Returns the file. */
  async dump(database: string, ...options: readonly string[]): Promise<string> {
    const file = join(this.#directory, `${database}.dump`);
    await postgres("pg_dump", "-Fc", ...options, "--file", file, this.urlOf(database));
    return file;
  }

  /** Into a new database. */
  async restore(database: string, file: string): Promise<void> {
    await postgres("createdb", "--maintenance-db", this.url, database);
    await postgres("pg_restore", "--exit-on-error", "--dbname", this.urlOf(database), file);
  }
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-server-"));
  if (isRoot) await chown(directory, await postgresUser(), -1);
  return directory;
}

/** Runs a program of Postgres, which refuses to work for root. */
async function postgres(program: string, ...args: readonly string[]): Promise<void> {
  const command = [join(await programs(), program), ...args];
  const [file = "", ...rest] = isRoot ? ["runuser", "-u", "postgres", "--", ...command] : command;
  const child = spawn(file, rest, { stdio: "ignore", cwd: "/" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
}

async function programs(): Promise<string> {
  const { stdout } = await execute("pg_config", ["--bindir"]).catch(() => ({ stdout: "" }));
  if (stdout) return stdout.trim();
  const root = "/usr/lib/postgresql"; // Debian has them outside of PATH
  return join(root, (await readdir(root)).sort().at(-1) ?? "", "bin");
}

async function postgresUser(): Promise<number> {
  return Number((await execute("id", ["-u", "postgres"])).stdout);
}
