import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { connect, type NetConnectOpts } from "node:net";
import { uptime } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Place } from "./place.ts";

type Settings = Readonly<Record<string, string | number>>;

/** The address of a server, if it is ready. */
export async function addressOf(cluster: string): Promise<NetConnectOpts | undefined> {
  const lock = lockOf(cluster);
  if (lock?.status !== "ready") return undefined;
  const path = socketOf(cluster);
  const address = path ? { path } : { host: "127.0.0.1", port: lock.port };
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.end());
    socket.once("close", (failed) => resolve(failed ? undefined : address)).on("error", () => {});
  });
}

/** True if a server runs, also while it starts or ends. */
export const isRunning = (cluster: string): boolean => lockOf(cluster) !== undefined;

/** Starts a server, which goes on when this process ends. If it does not become ready, returns its message. */
export async function start(place: Place, listening: Settings = listeningOf(place.cluster)): Promise<string> {
  const { cluster, log, programs, env, owner } = place;
  if (!removeStaleLock(cluster)) return "Another process has just started it: there is a lock file.";
  for (const name of [".s.PGSQL.5432.lock", "watched"]) rmSync(join(cluster, name), { force: true });
  const saidBefore = statSync(log).size;
  const output = openSync(log, "a");
  const guard = process.platform === "win32" ? [] : ["sh", "-c", endUnlessWatched, "sh"];
  const command = [...owner.prefix, ...guard, join(programs, "postgres"), "-D", cluster];
  for (const [name, value] of Object.entries({ ...settings, ...listening }))
    command.push("-c", `${name}=${value}`);
  const options = { ...owner, env, cwd: cluster, detached: true, windowsHide: true };
  const child = spawn(command[0] ?? "", command.slice(1), { ...options, stdio: ["ignore", output, output] });
  closeSync(output);
  child.on("error", () => {}).unref();
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const lock = lockOf(cluster);
    if (lock?.pid === child.pid && /^(ready|standby)$/.test(lock.status)) return "";
    await sleep(5);
  }
  const said = readFileSync(log).subarray(saidBefore).toString().trim();
  return said || "It could not write the reason, so the disk may be full.";
}

/** A small server that is as safe as one in production. Its log has no data of the blog. */
const settings: Settings = {
  shared_buffers: "32MB",
  max_wal_size: "256MB",
  restart_after_crash: "off", // the next connection starts it and watches it
  log_min_messages: "fatal",
};

/**
 * The program that starts a server also begins the session that will end it. If the program is killed before that, this
 * script ends the server. The shell becomes the server, so both have one process id; the part that waits is no child of it.
 * It looks every second, so that it does not outlive a server that ends.
 */
const endUnlessWatched = `
  ( (
    for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      sleep 1
      test ! -e watched && kill -0 $$ || exit
    done
    kill -INT $$
  ) > /dev/null 2>&1 &)
  exec "$@"`;

/** A socket, because only the owner can enter its folder. If that is not possible, a port with a password. */
function listeningOf(cluster: string): Settings {
  if (socketOf(cluster)) return { unix_socket_directories: ".", listen_addresses: "" };
  const port = 20_000 + Math.floor(Math.random() * 40_000);
  return { unix_socket_directories: "", listen_addresses: "127.0.0.1", port };
}

/** Undefined if its path would be too long, and on Windows. */
function socketOf(cluster: string): string | undefined {
  const path = join(cluster, ".s.PGSQL.5432");
  return process.platform === "win32" || Buffer.byteLength(path) > 103 ? undefined : path;
}

/**
 * Removes the lock file of a server that is gone. If another process has started a server since we looked, the file is
 * that server's: so it is renamed first, then read, and put back if it is needed. Returns true if there is none any more.
 */
function removeStaleLock(cluster: string): boolean {
  const [file, taken] = [lockFileOf(cluster), `${lockFileOf(cluster)}.${process.pid}`];
  if (!existsSync(file)) return true;
  try {
    renameSync(file, taken);
  } catch {
    return !existsSync(file); // another process was faster
  }
  const isStale = lockOf(cluster, taken) === undefined;
  if (isStale) rmSync(taken);
  else renameSync(taken, file);
  return isStale;
}

const lockFileOf = (cluster: string): string => join(cluster, "postmaster.pid");

/**
 * The lock file that Postgres keeps while it runs; undefined if its server is gone. Postgres takes any living process with
 * the id in the file for the server. But after a reboot, or in a copy of the folder, that may be another process. (Postgres
 * also checks by its shared memory that nobody else has the folder open.)
 */
function lockOf(
  cluster: string,
  file = lockFileOf(cluster),
): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const [pid = 0, startedAt = 0, port = 0] = [lines[0], lines[2], lines[3]].map(Number);
    process.kill(pid, 0);
    const isOurs = existsSync("/proc/self/cwd")
      ? isSameFolder(`/proc/${pid}/cwd`, cluster) // a server works in its folder
      : isSameFolder(lines[1] ?? "", cluster) && startedAt * 1_000 > Date.now() - uptime() * 1_000;
    return isOurs ? { pid, port, status: lines[7]?.trim() ?? "" } : undefined;
  } catch {
    return undefined; // there is no such file, or no such process
  }
}

function isSameFolder(...paths: readonly [string, string]): boolean {
  const [one, other] = paths.map((path) => statSync(path, { bigint: true }));
  return one?.dev === other?.dev && one?.ino === other?.ino;
}
