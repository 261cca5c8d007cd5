import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Response } from "express";

/** What is shorter fits into one packet anyway. */
const worthCompressing = 1_000;

/** A text ready to be sent, as often as it is asked for: its tag is computed once, and so is its compressed form. */
export class Answer {
  readonly #type: string;
  readonly #body: Buffer;
  readonly #tag: string;
  #compressed: Buffer | undefined;

  constructor(text: string | Buffer, type = "text/html; charset=utf-8") {
    this.#type = type;
    this.#body = Buffer.from(text);
    this.#tag = `W/"${createHash("sha256").update(this.#body).digest("base64url").slice(0, 27)}"`;
  }

  /** With room for the compressed form. */
  get length(): number {
    return 2 * this.#body.length;
  }

  send(res: Response): void {
    res.setHeader("ETag", this.#tag);
    res.setHeader("Vary", "Accept-Encoding");
    if (res.req.fresh) {
      res.status(304).end();
      return;
    }
    res.setHeader("Content-Type", this.#type);
    const body = this.#bodyFor(res);
    res.setHeader("Content-Length", body.length);
    res.end(body);
  }

  #bodyFor(res: Response): Buffer {
    if (this.#body.length < worthCompressing || !takesGzip(res)) return this.#body;
    res.setHeader("Content-Encoding", "gzip");
    this.#compressed ??= gzipSync(this.#body);
    return this.#compressed;
  }
}

/** `res.send` for an app whose pages are sent as answers. */
export function sendPages(send: Response["send"]): Response["send"] {
  return function (this: Response, body: unknown) {
    if (typeof body !== "string" || this.hasHeader("Content-Type")) return send.call(this, body);
    new Answer(body).send(this);
    return this;
  };
}

function takesGzip({ req }: Response): boolean {
  return req.headers["accept-encoding"] !== undefined && req.acceptsEncodings("gzip") === "gzip";
}
