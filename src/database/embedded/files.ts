import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DatabaseUnavailable } from "../check-server.ts";
import { instead, lacksGlibc } from "./binaries.ts";
import type { Place } from "./place.ts";
import { give } from "./process-owner.ts";

const version = "18";
const unfinished = "postgres.unfinished-";

/** The password for connections through a port, which others can reach. A socket needs none: only the owner can enter its folder. */
export const passwordFileOf = (cluster: string): string => join(cluster, "password");

/** True if the files exist. Throws `DatabaseUnavailable` if this Postgres cannot open them. */
export function areCreated(cluster: string): boolean {
  if (!fs.existsSync(cluster)) return false;
  const file = join(cluster, "PG_VERSION");
  const found = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
  const isOurs = fs.existsSync(passwordFileOf(cluster));
  if (found === version && isOurs) return true;
  const made =
    found === version
      ? "by an earlier build, with PGlite"
      : found
        ? `by Postgres ${found}`
        : "by something else";
  throw new DatabaseUnavailable(
    `${cluster} was made ${made}, and this build brings Postgres ${version}. To keep its data, save it with pg_dump and the build ` +
      "that made it. Then move it away, or set DATA_DIR to another folder.",
  );
}

/**
 * Makes the files of Postgres in a draft folder, and renames it when they are complete. So a process that is killed leaves
 * nothing that stops the next one, and if two begin at once, one of them wins.
 */
export async function createFiles(place: Place): Promise<void> {
  const { directory, cluster, programs, env, owner } = place;
  const draft = join(directory, `${unfinished}${randomBytes(4).toString("hex")}`);
  const password = `${draft}.password`;
  try {
    fs.mkdirSync(draft, { mode: 0o700 });
    fs.writeFileSync(password, randomBytes(24).toString("base64url"), { mode: 0o600, flush: true });
    for (const path of [draft, password]) give(path, owner);
    const command = [...owner.prefix, join(programs, "initdb"), ...options, `--pwfile=${password}`, draft];
    await promisify(execFile)(command[0] ?? "", command.slice(1), { ...owner, env });
    fs.renameSync(password, passwordFileOf(draft));
    fs.renameSync(draft, cluster);
    sync(directory);
  } catch (error) {
    if (areCreated(cluster)) return; // another process was faster
    const message = error instanceof Error ? error.message : String(error);
    const said = message.match(/(?:error:|fatal|could not).*/i)?.[0] ?? message;
    const why = lacksGlibc() ? "it needs glibc, which Alpine does not have" : said;
    throw new DatabaseUnavailable(`Postgres cannot make its files in ${directory}: ${why}. ${instead}`);
  } finally {
    for (const path of [draft, password]) fs.rmSync(path, { recursive: true, force: true });
  }
}

/** The same on every system: all of Unicode, sorted by code points. */
const options = [
  ...["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"],
  ...["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
];

/**
 * Removes drafts of processes that were killed while they made the files. Younger drafts may belong to another process, which may
 * rename or remove them at any moment.
 */
export function removeLeftovers(directory: string): void {
  const names = fs.readdirSync(directory).filter((name) => name.startsWith(unfinished));
  for (const path of names.map((name) => join(directory, name))) {
    const { mtimeMs = Infinity } = fs.statSync(path, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > 60_000) fs.rmSync(path, { recursive: true, force: true });
  }
}

/** Makes a new name survive a power cut. */
function sync(directory: string): void {
  if (process.platform === "win32") return; // Windows cannot open folders
  const descriptor = fs.openSync(directory, "r");
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
}
