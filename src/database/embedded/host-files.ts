import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf } from "./lock.ts";

/** What the host leaves in the data directory for its clients. It says where to look, never whether it is alive. */
export interface HostNote {
  pid: number;
  /** What to give to psql or pg as the host; on Windows the name of a pipe. */
  address: string;
}

export const logFile = (dataDirectory: string): string => join(dataDirectory, "host.log");
const noteFile = (dataDirectory: string): string => join(dataDirectory, "host.json");

export function readNote(dataDirectory: string): HostNote | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(dataDirectory), "utf8")) as HostNote;
  } catch {
    return undefined;
  }
}

export function writeNote(dataDirectory: string, note: HostNote): void {
  const file = noteFile(dataDirectory);
  writeFileSync(`${file}.tmp`, JSON.stringify(note), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

/** The path to connect to. */
export function socketPath(address: string): string {
  return process.platform === "win32" ? address : join(address, ".s.PGSQL.5432");
}

/**
 * Where the host listens. No password is asked, so only the owner may reach it: a directory of mode 0700, outside the
 * data directory because the path of a socket may have no more than about 100 bytes.
 */
export function createAddress(realDirectory: string): string {
  const name = nameOf(realDirectory);
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  const uid = process.getuid?.();
  const directory = join(shortTemporaryDirectory(), `${name}-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new Error(
      `${directory} is not a directory that only this user can enter; remove it and start again`,
    );
  return directory;
}

function shortTemporaryDirectory(): string {
  const directory = tmpdir();
  return Buffer.byteLength(directory) <= 50 ? directory : "/tmp";
}
