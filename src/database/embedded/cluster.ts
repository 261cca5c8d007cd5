import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DatabaseUnavailable } from "../check-server.ts";
import { type Binaries, instead, lacksGlibc } from "./binaries.ts";
import { give, type ProcessOwner } from "./process-owner.ts";

const version = "18";
const unfinished = "postgres.unfinished-";

/** Asked for on a port, which others can reach. Nobody is asked on a socket, for only its owner can enter its folder. */
export const passwordFileOf = (cluster: string): string => join(cluster, "password");

/** Refuses files that this Postgres cannot open, and says what to do. */
export function isCreated(dataDirectory: string): boolean {
  const cluster = join(dataDirectory, "postgres");
  if (!existsSync(cluster)) return false;
  const file = join(cluster, "PG_VERSION");
  const found = existsSync(file) ? readFileSync(file, "utf8").trim() : "none";
  const byPglite = existsSync(join(dataDirectory, "host.log"));
  if (found === version && !byPglite) return true;
  const away = `Move ${cluster} away, or set DATA_DIR to another folder.`;
  throw new DatabaseUnavailable(
    byPglite || found === "none"
      ? `${cluster} holds no data of Postgres${byPglite ? ", but of PGlite, which an earlier build used" : ""}. ${away}`
      : `${cluster} was made by Postgres ${found}, and this build brings Postgres ${version}. To keep what it holds, save it ` +
          `with the pg_dump of a build that can start it, and restore it after this. ${away}`,
  );
}

/**
 * Makes the files of Postgres under another name, which they lose when they are whole. So a process that is killed
 * leaves nothing that is in the way of the next one, and of two that begin at once one wins.
 */
export async function create(
  dataDirectory: string,
  { folder, env }: Binaries,
  owner: ProcessOwner,
): Promise<void> {
  removeLeftovers(dataDirectory);
  const cluster = join(dataDirectory, `${unfinished}${randomBytes(4).toString("hex")}`);
  const password = `${cluster}.password`;
  try {
    mkdirSync(cluster, { mode: 0o700 });
    writeFileSync(password, randomBytes(24).toString("base64url"), { mode: 0o600, flush: true });
    for (const path of [cluster, password]) give(path, owner);
    const [file = "", ...args] = [
      ...owner.prefix,
      join(folder, "initdb"),
      ...options,
      `--pwfile=${password}`,
      cluster,
    ];
    await promisify(execFile)(file, args, { ...owner, env });
    renameSync(password, passwordFileOf(cluster));
    renameSync(cluster, join(dataDirectory, "postgres"));
    if (process.platform !== "win32") sync(dataDirectory); // the new name outlives a power cut
  } catch (error) {
    if (isCreated(dataDirectory)) return; // another process was faster
    const why = lacksGlibc() ? "it needs glibc, which Alpine does not have" : reasonOf(error);
    throw new DatabaseUnavailable(`Postgres cannot make its files in ${dataDirectory}: ${why}. ${instead}`);
  } finally {
    for (const path of [cluster, password]) rmSync(path, { recursive: true, force: true });
  }
}

/** The same on every system, whatever its language: letters of all of Unicode, sorted by their numbers. */
const options = [
  ...["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"],
  ...["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
];

function sync(directory: string): void {
  const descriptor = openSync(directory, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** What is younger than a minute may be another process's work. */
function removeLeftovers(dataDirectory: string): void {
  const paths = readdirSync(dataDirectory).filter((name) => name.startsWith(unfinished));
  for (const path of paths.map((name) => join(dataDirectory, name))) {
    if (Date.now() - statSync(path).mtimeMs > 60_000) rmSync(path, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.match(/(?:error|fatal|could not).*/i)?.[0] ?? message;
}
