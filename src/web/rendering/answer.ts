import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Response } from "express";

/** A shorter text fits into one packet anyway. */
const worthCompressing = 1_000;

const compressed = promisify(gzip);

/** A text that may be sent many times. Its tag and its compressed form are computed once. */
export class Answer {
  readonly #type: string;
  readonly #body: Buffer;
  #tag: string | undefined;
  #compressed: Promise<Buffer> | undefined;

  constructor(text: string | Buffer, type = "text/html; charset=utf-8") {
    this.#type = type;
    this.#body = Buffer.from(text);
  }

  /** Its size, including the compressed form. */
  get length(): number {
    return 2 * this.#body.length;
  }

  async send(res: Response): Promise<void> {
    res.vary("Accept-Encoding");
    const isKept = !String(res.getHeader("Cache-Control")).includes("no-store");
    if (isKept) res.setHeader("ETag", this.#tagOf());
    if (isKept && res.req.fresh) return void res.status(304).end();
    res.setHeader("Content-Type", this.#type);
    let body = this.#body;
    if (body.length >= worthCompressing && takesGzip(res)) {
      res.setHeader("Content-Encoding", "gzip");
      this.#compressed ??= compressed(body);
      body = await this.#compressed;
    }
    res.setHeader("Content-Length", body.length);
    res.end(body);
  }

  #tagOf(): string {
    this.#tag ??= `W/"${hash("sha256", this.#body, "base64url").slice(0, 27)}"`;
    return this.#tag;
  }
}

function takesGzip({ req }: Response): boolean {
  return req.headers["accept-encoding"] !== undefined && req.acceptsEncodings("gzip") === "gzip";
}
