import { createHash } from "node:crypto";
import { gzip, gzipSync } from "node:zlib";
import type { Response } from "express";

/** What is shorter fits into one packet anyway. */
const worthCompressing = 1_000;
/** What is longer is compressed by another thread, for it takes milliseconds. */
const mostCompressedHere = 32_000;

/** A text ready to be sent, as often as it is asked for: its tag is computed once, and so is its compressed form. */
export class Answer {
  readonly #type: string;
  readonly #body: Buffer;
  #tag: string | undefined;
  #compressed: Buffer | undefined;

  constructor(text: string | Buffer, type = "text/html; charset=utf-8") {
    this.#type = type;
    this.#body = Buffer.from(text);
  }

  /** With room for the compressed form. */
  get length(): number {
    return 2 * this.#body.length;
  }

  send(res: Response): void {
    res.setHeader("Vary", "Accept-Encoding");
    const isKept = !String(res.getHeader("Cache-Control")).includes("no-store");
    if (isKept) res.setHeader("ETag", this.#tagOf());
    if (isKept && res.req.fresh) {
      res.status(304).end();
      return;
    }
    res.setHeader("Content-Type", this.#type);
    if (this.#body.length < worthCompressing || !takesGzip(res)) sendBody(res, this.#body);
    else if (this.#compressed) sendCompressed(res, this.#compressed);
    else if (this.#body.length <= mostCompressedHere) sendCompressed(res, this.#keep(gzipSync(this.#body)));
    else {
      gzip(this.#body, (error, compressed) => {
        if (error) sendBody(res, this.#body);
        else sendCompressed(res, this.#keep(compressed));
      });
    }
  }

  #tagOf(): string {
    this.#tag ??= `W/"${createHash("sha256").update(this.#body).digest("base64url").slice(0, 27)}"`;
    return this.#tag;
  }

  #keep(compressed: Buffer): Buffer {
    this.#compressed = compressed;
    return compressed;
  }
}

function sendCompressed(res: Response, body: Buffer): void {
  res.setHeader("Content-Encoding", "gzip");
  sendBody(res, body);
}

function sendBody(res: Response, body: Buffer): void {
  res.setHeader("Content-Length", body.length);
  res.end(body);
}

function takesGzip({ req }: Response): boolean {
  return req.headers["accept-encoding"] !== undefined && req.acceptsEncodings("gzip") === "gzip";
}
