import { createHash } from "node:crypto";
import { constants, openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";

/** Another process has this data directory open. */
export class DataDirectoryLocked extends Error {}

/** Short and the same for every path that leads to the directory; the caller resolves symbolic links. */
export function nameOf(realDirectory: string): string {
  return `sequent-blog-${createHash("sha256").update(realDirectory).digest("hex").slice(0, 16)}`;
}

/**
 * Takes the lock that the kernel frees when the process ends, however it ends. It is never stolen: no age and no missing
 * pid makes it free.
 */
export async function takeLock(realDirectory: string): Promise<void> {
  if (process.platform === "darwin") takeFileLock(join(realDirectory, "lock"));
  else await takeSocketLock(addressOf(realDirectory));
}

/** Whether a host is running or starting; undefined where only taking the lock would tell. */
export function isLocked(realDirectory: string): Promise<boolean | undefined> {
  if (process.platform === "darwin") return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(addressOf(realDirectory), () => done(true)).on("error", () => done(false));
    const done = (locked: boolean): void => {
      socket.destroy();
      resolve(locked);
    };
  });
}

/** Linux: a name in the abstract namespace, which is no file and cannot be left over. Windows: a named pipe. */
function addressOf(realDirectory: string): string {
  const name = `${nameOf(realDirectory)}-lock`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

function takeSocketLock(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" || error.code === "EACCES" ? new DataDirectoryLocked() : error),
    );
    server.listen(address, resolve);
  });
}

const O_EXLOCK = 0x20;

function takeFileLock(file: string): void {
  try {
    // The descriptor stays open, and so the lock held, as long as the process lives.
    openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") throw new DataDirectoryLocked();
    throw error;
  }
}
