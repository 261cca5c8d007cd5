import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const execute = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** A Postgres server for one test alone, which may kill it. */
export class OwnServer {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async start(): Promise<OwnServer> {
    const directory = await mkdtemp(join(tmpdir(), "sequent-blog-server-"));
    if (isRoot) await chown(directory, await postgresUser(), -1);
    await postgres("initdb", "--pgdata", directory, "--username", "postgres", "--auth", "trust");
    const server = new OwnServer(directory, await freePort());
    onTestFinished(async () => {
      await server.kill().catch(() => {}); // it is gone already
      await rm(directory, { recursive: true });
    });
    await server.start();
    return server;
  }

  /** Goes through its write-ahead log first, if it was killed. */
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

  /** All its processes end at once, and nothing is written any more. */
  async kill(): Promise<void> {
    await postgres("pg_ctl", "stop", "--mode", "immediate", "--pgdata", this.#directory);
  }
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
  const root = "/usr/lib/postgresql"; // where Debian has them, outside of PATH
  return join(root, (await readdir(root)).sort().at(-1) ?? "", "bin");
}

async function postgresUser(): Promise<number> {
  return Number((await execute("id", ["-u", "postgres"])).stdout);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
