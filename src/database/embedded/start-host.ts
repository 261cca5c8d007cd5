import { chmodSync, closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findHost } from "./find-host.ts";
import { logFile, readNote } from "./host-files.ts";
import { type HostOptions, LOCKED } from "./host-options.ts";
import { isLocked } from "./lock.ts";
import { spawnTypeScript } from "./spawn.ts";

const LONGEST_LOG = 1 << 20;

export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = "EmbeddedPostgresUnavailable";
  readonly dataDirectory: string;

  constructor(dataDirectory: string, why: string) {
    super(`The embedded Postgres in ${dataDirectory} ${why}\n${lastLines(logFile(dataDirectory))}`);
    this.dataDirectory = dataDirectory;
  }
}

/** Starts a host unless another process is at it, and waits until it answers at the address this returns. */
export async function startHost(
  dataDirectory: string,
  options: HostOptions,
  timeoutMs: number,
): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  let child: ReturnType<typeof spawnHost> | undefined;
  while (Date.now() < deadline) {
    const address = await findHost(dataDirectory);
    if (address) return address;
    const end = child?.signalCode ?? child?.exitCode ?? undefined;
    // One that finds the lock taken leaves it to the other; any other end is a failure to report.
    if (end !== undefined && end !== LOCKED)
      throw new EmbeddedPostgresUnavailable(dataDirectory, `ended while starting (exit ${end}):`);
    if ((!child || end === LOCKED) && !(await isLocked(dataDirectory)))
      child = spawnHost(dataDirectory, options);
    await sleep(end === LOCKED ? 200 : 20);
  }
  const pid = readNote(dataDirectory)?.pid ?? "unknown";
  throw new EmbeddedPostgresUnavailable(dataDirectory, `does not answer (last seen as process ${pid}):`);
}

function spawnHost(dataDirectory: string, options: HostOptions) {
  const file = logFile(dataDirectory);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_LOG) truncateSync(file);
  const log = openSync(file, "a", 0o600);
  chmodSync(file, 0o600);
  // Detached, so that it outlives this process for the others, and Ctrl-C does not reach it.
  const child = spawnTypeScript(
    new URL("./host.ts", import.meta.url),
    [dataDirectory, JSON.stringify(options)],
    {
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
      cwd: dataDirectory,
    },
  );
  closeSync(log);
  child.unref();
  return child;
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");
  } catch {
    return "(no log)";
  }
}
