import type { Socket } from "node:net";
import type { Status } from "./session.ts";
import {
  encryptionRefused,
  errorResponse,
  MessageReader,
  ProtocolViolation,
  readFirstMessage,
  speaksProtocol30,
  typeOf,
} from "./wire.ts";

const MESSAGES = "QPBDCEHSFXcdf";
const ENOUGH_UNREAD = 1 << 20;
const ENOUGH_WITHOUT_SYNC = 32 << 20;
const ENOUGH_UNSENT = 4 << 20;

/** One client: its socket, what it has sent so far, and where it stands. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #onReady: (connection: Connection) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #turnsWaiting = 0;
  #startup: Map<string, string> | undefined;
  #ended = false;
  status: Status;
  lastActive = Date.now();

  constructor(
    socket: Socket,
    on: { ready: (connection: Connection) => void; gone: (connection: Connection) => void },
  ) {
    this.#socket = socket;
    this.#onReady = on.ready;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("drain", () => this.#tellIfReady());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => on.gone(this));
  }

  /** Whether it has sent something that asks for an answer, and reads the answers it gets. */
  get ready(): boolean {
    if (this.#ended || this.#socket.destroyed || this.#socket.writableLength > ENOUGH_UNSENT) return false;
    return this.#startup !== undefined || this.#turnsWaiting > 0 || this.#waitingBytes > ENOUGH_WITHOUT_SYNC;
  }

  takeStartup(): Map<string, string> | undefined {
    const startup = this.#startup;
    this.#startup = undefined;
    return startup;
  }

  /** The messages up to the next that asks for an answer. */
  takeMessages(): Buffer[] {
    const end = this.#waiting.findIndex(asksForAnswer);
    const taken = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end + 1);
    if (end >= 0) this.#turnsWaiting--;
    for (const each of taken) this.#waitingBytes -= each.length;
    if (this.#socket.isPaused() && this.#waitingBytes < ENOUGH_UNREAD) this.#socket.resume();
    return taken;
  }

  send(bytes: Buffer): void {
    this.lastActive = Date.now();
    if (this.#socket.writable && bytes.length > 0) this.#socket.write(bytes);
  }

  fail(code: string, text: string): void {
    if (this.#socket.writable) this.#socket.write(errorResponse("FATAL", code, text));
    this.end();
  }

  end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#turnsWaiting = 0;
    this.#socket.destroySoon();
  }

  #receive(chunk: Buffer): void {
    if (this.#ended) return;
    this.lastActive = Date.now();
    this.#reader.push(chunk);
    try {
      for (let each = this.#reader.next(); each; each = this.#reader.next()) this.#sort(each);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.fail("08P01", error.message);
    }
    // The rest stays in the kernel, and so with the client, until what is here has been worked off.
    if (this.#turnsWaiting > 0 && this.#waitingBytes > ENOUGH_UNREAD) this.#socket.pause();
    this.#tellIfReady();
  }

  #sort(each: Buffer): void {
    if (this.#reader.typed) {
      if (!MESSAGES.includes(typeOf(each)))
        throw new ProtocolViolation(`unknown message type "${typeOf(each)}"`);
      this.#waiting.push(each);
      this.#waitingBytes += each.length;
      if (asksForAnswer(each)) this.#turnsWaiting++;
      return;
    }
    const first = readFirstMessage(each);
    if (first.kind !== "startup") {
      // A statement cannot be cancelled: the one session is busy with it and reads nothing.
      if (first.kind === "cancel") this.#socket.destroy();
      else this.#socket.write(encryptionRefused);
      return;
    }
    this.#reader.startupDone();
    if (first.minorVersion > 0) this.#socket.write(speaksProtocol30);
    this.#startup = first.parameters;
  }

  #tellIfReady(): void {
    if (this.ready) this.#onReady(this);
  }
}

/** Query, Sync, function call and Flush; Terminate takes its turn like them. */
function asksForAnswer(each: Buffer): boolean {
  return "QSFHX".includes(typeOf(each));
}
