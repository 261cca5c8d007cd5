const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const LONGEST_STARTUP = 10_000;
const LONGEST_MESSAGE = 0x3fffffff;

export class ProtocolViolation extends Error {}

/** Cuts a byte stream, however it was split or joined on its way, into whole messages. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #wanted = 0;
  #typed = false;

  get typed(): boolean {
    return this.#typed;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Messages before this call have no type byte: that is how a connection starts. */
  startupDone(): void {
    this.#typed = true;
  }

  next(): Buffer | undefined {
    const header = this.#typed ? 5 : 4;
    // Joining only when all of a message is here keeps a message of many megabytes linear.
    if (this.#length < Math.max(header, this.#wanted)) return undefined;
    const bytes =
      this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];

    const length = bytes.readUInt32BE(header - 4) + header - 4;
    if (length < header || length > (this.#typed ? LONGEST_MESSAGE : LONGEST_STARTUP))
      throw new ProtocolViolation(`invalid message length ${length}`);
    if (this.#length < length) {
      this.#wanted = length;
      return undefined;
    }
    this.#wanted = 0;
    this.#length -= length;
    this.#chunks = this.#length > 0 ? [bytes.subarray(length)] : [];
    return bytes.subarray(0, length);
  }
}

export type FirstMessage =
  | { kind: "encryption" | "cancel" }
  | { kind: "startup"; minorVersion: number; parameters: Map<string, string> };

export function readFirstMessage(message: Buffer): FirstMessage {
  const code = message.length >= 8 ? message.readUInt32BE(4) : 0;
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: "encryption" };
  if (code === CANCEL_REQUEST) return { kind: "cancel" };
  if (code >>> 16 !== 3) throw new ProtocolViolation(`unsupported protocol ${code >>> 16}.${code & 0xffff}`);
  const words = message.toString("utf8", 8).split("\0");
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i]; i += 2)
    parameters.set(words[i] ?? "", words[i + 1] ?? "");
  return { kind: "startup", minorVersion: code & 0xffff, parameters };
}

export function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

/** The zero-terminated text at an offset, and where the next field begins. */
export function readText(message: Buffer, offset: number): { text: string; end: number } {
  const zero = message.indexOf(0, offset);
  if (zero < 0) throw new ProtocolViolation("unterminated string in message");
  return { text: message.toString("utf8", offset, zero), end: zero + 1 };
}

export function message(type: string, ...fields: (string | Buffer)[]): Buffer {
  // A string field is zero-terminated, a buffer goes in as it is.
  const parts = fields.map((field) => (typeof field === "string" ? Buffer.from(`${field}\0`) : field));
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([head, ...parts]);
}

export const query = (sql: string): Buffer => message("Q", sql);
export const sync = message("S");
export const closeStatement = (name: string): Buffer => message("C", Buffer.from("S"), name);
export const readyForQuery = message("Z", Buffer.from("I"));
export const encryptionRefused = Buffer.from("N");

export function errorResponse(severity: "ERROR" | "FATAL", code: string, text: string): Buffer {
  return message("E", `S${severity}`, `V${severity}`, `C${code}`, `M${text}`, Buffer.from([0]));
}

export function connectionAccepted(pid: number, parameters: Iterable<[string, string]>): Buffer {
  const key = Buffer.alloc(8);
  key.writeUInt32BE(pid, 0);
  return Buffer.concat([
    message("R", Buffer.alloc(4)),
    ...[...parameters].map(([name, value]) => message("S", name, value)),
    message("K", key),
    readyForQuery,
  ]);
}

/** Tells a client that asks for protocol 3.2 that this server speaks 3.0. */
export const speaksProtocol30 = message("v", Buffer.from([0, 3, 0, 0, 0, 0, 0, 0]));

export function* messagesIn(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** One field of an ErrorResponse: V severity, C SQLSTATE, M message. */
export function errorField(error: Buffer, field: string): string {
  const found = error.toString("utf8", 5).split("\0");
  return found.find((text) => text.startsWith(field))?.slice(1) ?? "";
}

/** The text values of a DataRow. */
export function readRow(row: Buffer): string[] {
  const values: string[] = [];
  for (let at = 7, left = row.readUInt16BE(5); left > 0; left--) {
    const length = Math.max(row.readInt32BE(at), 0);
    values.push(row.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}
