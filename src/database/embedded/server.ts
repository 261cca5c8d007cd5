import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect, type NetConnectOpts } from "node:net";
import { uptime } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Place } from "./place.ts";

export type Settings = Readonly<Record<string, string | number>>;

/** Where the server of a cluster listens, if it is ready. */
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

/** Whether one runs, be it that it still starts, or ends. */
export const isRunning = (cluster: string): boolean => lockOf(cluster) !== undefined;

/** Starts one, which goes on when this process ends. Gives what it said where it does not become ready. */
export async function start(place: Place, listening: Settings = listeningOf(place.cluster)): Promise<string> {
  const { cluster, log, programs, env, owner } = place;
  for (const name of ["postmaster.pid", ".s.PGSQL.5432.lock", "watched"])
    rmSync(join(cluster, name), { force: true });
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
  return (
    readFileSync(log).subarray(saidBefore).toString().trim() || `${command[0]} ended with ${child.exitCode}.`
  );
}

/** A small server that is as safe as one in production. Its log says what ends a connection, and nothing of the data. */
const settings: Settings = {
  shared_buffers: "32MB",
  max_wal_size: "256MB",
  restart_after_crash: "off", // whoever connects next starts it, and watches over it
  log_min_messages: "fatal",
};

/**
 * Whoever starts a server begins the session that will end it. If they are killed before, this does so. The shell becomes
 * the server, so that its number is the server's; what waits is nobody's child.
 */
const endUnlessWatched = '((sleep 20; test -e watched || kill -INT $$) > /dev/null 2>&1 &); exec "$@"';

/** A socket, for only the owner can enter its folder. Where there can be none, a port that asks for a password. */
function listeningOf(cluster: string): Settings {
  if (socketOf(cluster)) return { unix_socket_directories: ".", listen_addresses: "" };
  const port = 20_000 + Math.floor(Math.random() * 40_000);
  return { unix_socket_directories: "", listen_addresses: "127.0.0.1", port };
}

/** Undefined where its path would be too long, and on Windows. */
function socketOf(cluster: string): string | undefined {
  const path = join(cluster, ".s.PGSQL.5432");
  return process.platform === "win32" || Buffer.byteLength(path) > 103 ? undefined : path;
}

/**
 * What Postgres writes down while it runs. It believes any living process that has the number in it, but that is another
 * one where the machine was started again, or where the file came with a copy of the folder. (That nobody else has the
 * folder open is checked by Postgres once more, by the memory that its processes share.)
 */
function lockOf(cluster: string): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
    const [pid = 0, startedAt = 0, port = 0] = [lines[0], lines[2], lines[3]].map(Number);
    process.kill(pid, 0);
    const isOurs = existsSync("/proc/self/cwd")
      ? isSameFolder(`/proc/${pid}/cwd`, cluster) // a server stands in its folder
      : isSameFolder(lines[1] ?? "", cluster) && startedAt * 1_000 > Date.now() - uptime() * 1_000;
    return isOurs ? { pid, port, status: lines[7]?.trim() ?? "" } : undefined;
  } catch {
    return undefined; // there is none, or it is of a process that has gone
  }
}

function isSameFolder(...paths: readonly [string, string]): boolean {
  const [one, other] = paths.map((path) => statSync(path, { bigint: true }));
  return one?.dev === other?.dev && one?.ino === other?.ino;
}
