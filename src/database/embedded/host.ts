import { rmSync, statSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { clusterDirectory, ensureCluster, openCluster } from "./cluster.ts";
import { Gate } from "./gate.ts";
import { createAddress, readNote, socketPath, writeNote } from "./host-files.ts";
import { type HostOptions, LOCKED } from "./host-options.ts";
import { DataDirectoryLocked, takeLock } from "./lock.ts";
import { Maintenance } from "./maintenance.ts";
import { Session } from "./session.ts";
import { startWatchdog } from "./watchdog.ts";

// The process that has PGlite open: node host.ts <real data directory> <options as JSON>.
const dataDirectory = process.argv[2] ?? "";
const options = JSON.parse(process.argv[3] ?? "{}") as HostOptions;
const FATAL = 70;

function log(line: string): void {
  // Written in place: nothing may be lost when the process ends in the next statement.
  if (line.trim()) writeSync(2, `${new Date().toISOString()} [${process.pid}] ${line}\n`);
}

function die(why: string): never {
  // After a FATAL PGlite would loop for ever without returning to JavaScript; this runs while it still logs.
  log(`exit ${FATAL}: ${why}`);
  process.exit(FATAL);
}

function watch(line: string): void {
  log(line);
  if (/\b(FATAL|PANIC):|Aborted\(/.test(line)) die("Postgres cannot go on");
}

process.on("uncaughtException", (error) => die(inspect(error)));
// Ctrl-C in one client's terminal must not end the database of another.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.umask(0o077);

try {
  await takeLock(dataDirectory);
} catch (error) {
  if (!(error instanceof DataDirectoryLocked)) throw error;
  log(`${dataDirectory} is in use by process ${readNote(dataDirectory)?.pid ?? "(unknown)"}`);
  process.exit(LOCKED);
}

const busy = startWatchdog(options.stepLimitMs);
await ensureCluster(dataDirectory);
busy.begin();
const database = await openCluster(clusterDirectory(dataDirectory), watch);
busy.end();
const inode = statSync(clusterDirectory(dataDirectory)).ino;

const session = new Session(database, busy, die);
let exitTimer: NodeJS.Timeout | undefined;
const gate = new Gate(session, () => exitAfter(options.lingerMs));
const maintenance = new Maintenance(gate, options.maintenanceMs);
setInterval(() => gate.endSilentLease(options.idleInTransactionMs), options.idleInTransactionMs / 4);

const address = createAddress(dataDirectory);
function checkDirectory(): void {
  // Whoever removed it wants to begin anew, and cannot as long as this process holds the lock.
  if (statSync(clusterDirectory(dataDirectory), { throwIfNoEntry: false })?.ino !== inode)
    die("the data directory has been removed or replaced");
}
setInterval(checkDirectory, 1_000);

const server = createServer((socket) => {
  checkDirectory();
  clearTimeout(exitTimer);
  gate.accept(socket);
});
server.on("error", (error) => die(String(error)));

// What is left here was left by a process that is dead, for we hold the lock.
if (process.platform !== "win32") rmSync(socketPath(address), { force: true });
writeNote(dataDirectory, { pid: process.pid, address });
server.listen(socketPath(address), () => log(`serving ${dataDirectory} on ${address}`));
exitAfter(Math.max(options.lingerMs, 10_000));
process.on("SIGTERM", () => void shutDown("SIGTERM"));

function exitAfter(milliseconds: number): void {
  clearTimeout(exitTimer);
  exitTimer = setTimeout(() => {
    if (gate.size === 0) void shutDown("no client left");
  }, milliseconds);
}

let closing = false;

async function shutDown(why: string): Promise<void> {
  if (closing) return;
  closing = true;
  log(`shutting down: ${why}`);
  maintenance.stop();
  server.close();
  gate.close();
  gate.whenIdle(() => session.query("CHECKPOINT"));
  busy.begin();
  await database.close();
  busy.end();
  log("closed");
  process.exit(0);
}
