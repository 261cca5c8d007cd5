import type { PGlite } from "@electric-sql/pglite";
import type { BusyMark } from "./watchdog.ts";
import { errorField, messagesIn, query, readRow } from "./wire.ts";

/** "I" idle, "T" in a transaction, "E" in a failed one; undefined while a sequence awaits its Sync. */
export type Status = "I" | "T" | "E" | undefined;

export interface Reply {
  bytes: Buffer;
  status: Status;
  error?: Buffer;
}

/** The one session that PGlite has, driven message by message. */
export class Session {
  readonly #database: PGlite;
  readonly #busy: BusyMark;
  readonly #onFatal: (why: string) => never;

  constructor(database: PGlite, busy: BusyMark, onFatal: (why: string) => never) {
    this.#database = database;
    this.#busy = busy;
    this.#onFatal = onFatal;
  }

  /** Whose unnamed statement the session holds now; any simple query drops it. */
  unnamedStatementOwner: object | undefined;

  run(messages: Buffer): Reply {
    if (messages[0] === 0x51) this.unnamedStatementOwner = undefined;
    const chunks: Buffer[] = [];
    this.#busy.begin();
    // The streaming call parses nothing and, without syncToFs, has done its work when it returns: files are written
    // directly, and PGlite's own queue of transactions is not involved.
    void this.#database.execProtocolRawStream(messages, {
      syncToFs: false,
      onRawData: (bytes) => chunks.push(Buffer.from(bytes)),
    });
    this.#busy.end();
    return this.#examine(Buffer.concat(chunks));
  }

  /** Rows of a query of our own; it must not be in a client's transaction. */
  query(sql: string): string[][] {
    const reply = this.run(query(sql));
    if (reply.error) throw new Error(`${errorField(reply.error, "M")} in ${sql}`);
    return [...messagesIn(reply.bytes)].filter((part) => part[0] === 0x44).map(readRow);
  }

  #examine(bytes: Buffer): Reply {
    const reply: Reply = { bytes, status: undefined };
    for (const part of messagesIn(bytes)) {
      if (part[0] === 0x5a) reply.status = String.fromCharCode(part[5] ?? 0) as Status;
      if (part[0] === 0x45) {
        reply.error ??= part;
        const severity = errorField(part, "V");
        if (severity === "FATAL" || severity === "PANIC")
          this.#onFatal(`${severity}: ${errorField(part, "M")}`);
      }
    }
    return reply;
  }
}
