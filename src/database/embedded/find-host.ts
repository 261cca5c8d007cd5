import { connect } from "node:net";
import { readNote, socketPath } from "./host-files.ts";

const PROBE_MS = 5_000;
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * The address of the running host, if its event loop answers: a connection alone may still be accepted by one that is
 * about to exit. Asking also keeps it from exiting in the next seconds.
 */
export function findHost(dataDirectory: string): Promise<string | undefined> {
  const note = readNote(dataDirectory);
  if (!note) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(socketPath(note.address), () => socket.write(SSL_REQUEST));
    socket.once("data", () => {
      resolve(note.address);
      socket.destroy();
    });
    socket.on("error", () => {}).once("close", () => resolve(undefined));
    socket.setTimeout(PROBE_MS, () => socket.destroy());
  });
}
