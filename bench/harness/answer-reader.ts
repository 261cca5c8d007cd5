const headEnd = "\r\n\r\n";

/** Reads answers of HTTP/1.1 from one connection, one at a time. */
export class AnswerReader {
  readonly #onAnswer: (answer: { status: number; close: boolean }) => void;
  #received = "";

  constructor(onAnswer: (answer: { status: number; close: boolean }) => void) {
    this.#onAnswer = onAnswer;
  }

  take(chunk: Buffer): void {
    this.#received += chunk.toString("latin1");
    const end = this.#received.indexOf(headEnd);
    if (end === -1) return;
    const head = this.#received.slice(0, end);
    if (!this.#isWhole(head, end + headEnd.length)) return;
    this.#received = "";
    this.#onAnswer({ status: Number(head.slice(9, 12)), close: /\r\nconnection: close/i.test(head) });
  }

  #isWhole(head: string, bodyAt: number): boolean {
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (length !== undefined) return this.#received.length >= bodyAt + Number(length);
    return /\r\ntransfer-encoding: chunked/i.test(head) ? this.#received.endsWith("0\r\n\r\n") : true;
  }
}
