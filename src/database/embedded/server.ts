import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect, type IpcNetConnectOpts, type TcpNetConnectOpts } from "node:net";
import { uptime } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import type { ProcessOwner } from "./process-owner.ts";

export type Address = IpcNetConnectOpts | TcpNetConnectOpts;

const longestSocketPath = 103;

/** Where the server of a cluster listens, if it is ready. */
export async function addressOf(cluster: string): Promise<Address | undefined> {
  const lock = lockOf(cluster);
  if (lock?.status !== "ready") return undefined;
  const address = hasSocket(cluster) ? { path: socketOf(cluster) } : { host: "127.0.0.1", port: lock.port };
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.end());
    socket.once("close", (failed) => resolve(failed ? undefined : address)).on("error", () => {});
  });
}

/** Whether one runs, be it that it still starts, or ends. */
export const isRunning = (cluster: string): boolean => lockOf(cluster) !== undefined;

/** Starts one, which goes on when this process ends. Gives what it said where it does not become ready. */
export async function start(
  cluster: string,
  log: string,
  { folder, env }: Binaries,
  owner: ProcessOwner,
  where: Readonly<Record<string, string | number>> = listeningOf(cluster),
): Promise<string> {
  for (const name of ["postmaster.pid", ".s.PGSQL.5432.lock", "watched"])
    rmSync(join(cluster, name), { force: true });
  const saidBefore = statSync(log).size;
  const descriptor = openSync(log, "a");
  const all = Object.entries({ ...settings, ...where }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const guard = process.platform === "win32" ? [] : endUnlessWatched;
  const [file = "", ...args] = [...owner.prefix, ...guard, join(folder, "postgres"), "-D", cluster, ...all];
  const child = spawn(file, args, {
    ...{ ...owner, env, cwd: cluster, detached: true, windowsHide: true },
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  child.on("error", () => {}).unref();
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const lock = lockOf(cluster);
    if (lock?.pid === child.pid && /^(ready|standby)$/.test(lock.status ?? "")) return "";
    await sleep(5);
  }
  return readFileSync(log).subarray(saidBefore).toString() || `${file} ended with ${child.exitCode}`;
}

/** A small server that is as safe as one in production. Its log says what ends a connection, and nothing of the data. */
const settings = {
  shared_buffers: "32MB",
  max_wal_size: "256MB",
  restart_after_crash: "off", // whoever connects next starts it, and watches over it
  log_min_messages: "fatal",
};

/**
 * Whoever starts a server begins the session that will end it. If they are killed before, this does so. The shell becomes
 * the server, so that its number is the server's; what waits is nobody's child.
 */
const guardScript = '((sleep 20; test -e watched || kill -INT $$) > /dev/null 2>&1 &); exec "$@"';
const endUnlessWatched = ["sh", "-c", guardScript, "sh"];

/**
 * What Postgres writes down while it runs. It believes any living process that has the number in it, but that is another
 * one where the machine was started again, or where the file came with a copy of the folder. (That nobody else has the
 * folder open is checked by Postgres once more, by the memory that its processes share.)
 */
function lockOf(cluster: string): { pid: number; port: number; status: string | undefined } | undefined {
  try {
    const lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
    const [pid = 0, startedAt = 0, port = 0] = [lines[0], lines[2], lines[3]].map(Number);
    process.kill(pid, 0);
    const standsIn = existsSync("/proc/self/cwd") ? `/proc/${pid}/cwd` : (lines[1] ?? "");
    const [its, ours] = [standsIn, cluster].map((path) => statSync(path, { bigint: true }));
    const isOurs =
      its?.dev === ours?.dev && its?.ino === ours?.ino && startedAt * 1_000 > Date.now() - uptime() * 1_000;
    return isOurs ? { pid, port, status: lines[7]?.trim() } : undefined;
  } catch {
    return undefined; // there is none, or it is of a process that has gone
  }
}

/** A socket where its path is not too long, for only the owner can enter its folder; otherwise a port, with a password. */
function listeningOf(cluster: string): Record<string, string | number> {
  return hasSocket(cluster)
    ? { unix_socket_directories: ".", listen_addresses: "" }
    : {
        unix_socket_directories: "",
        listen_addresses: "127.0.0.1",
        port: 20_000 + Math.floor(Math.random() * 40_000),
      };
}

const socketOf = (cluster: string): string => join(cluster, ".s.PGSQL.5432");

function hasSocket(cluster: string): boolean {
  return process.platform !== "win32" && Buffer.byteLength(socketOf(cluster)) <= longestSocketPath;
}
