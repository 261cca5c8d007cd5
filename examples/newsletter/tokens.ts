import { createHmac, timingSafeEqual } from "node:crypto";

/** What the owner of a link may do. */
export type Purpose = "confirm" | "unsubscribe";

/** Makes the tokens of links in mails, and reads them. Only the holder of the secret can, so none is stored. */
export class Tokens {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  of(readerId: string, purpose: Purpose): string {
    return `${readerId}.${this.#signatureOf(readerId, purpose)}`;
  }

  /** The reader of a token. Undefined if we did not make it for this purpose. */
  readerOf(token: string, purpose: Purpose): string | undefined {
    const [readerId = "", signature = ""] = token.split(".");
    const [given, right] = [signature, this.#signatureOf(readerId, purpose)].map((each) => Buffer.from(each));
    return given && right && given.length === right.length && timingSafeEqual(given, right)
      ? readerId
      : undefined;
  }

  #signatureOf(readerId: string, purpose: Purpose): string {
    return createHmac("sha256", this.#secret).update(`${purpose}=${readerId}`).digest("base64url");
  }
}
