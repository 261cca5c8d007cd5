import { createHmac, timingSafeEqual } from "node:crypto";
import type { Request, Response } from "express";
import { BoundedCache } from "./rendering/bounded-cache.ts";

export interface CookieSettings {
  readonly secret: string;
  /** Where it is https, cookies are kept to https and to this very host. */
  readonly publicUrl?: string | undefined;
}

/** A small text that the browser keeps for us and cannot change. Whoever has the secret can read what another wrote. */
export class SignedCookie {
  readonly #name: string;
  readonly #secret: string;
  readonly #attributes: string;
  readonly #maxAge: string;
  /** Headers by text: most of what is said is said often, and to put one together takes longer than to check a form. */
  readonly #headers = new BoundedCache<string>(100_000);

  /** It goes away after so many seconds. */
  constructor(name: string, { secret, publicUrl }: CookieSettings, maxAge: number) {
    const secure = publicUrl?.startsWith("https:") ?? false;
    this.#name = secure ? `__Host-${name}` : name;
    this.#secret = secret;
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
    this.#maxAge = `Max-Age=${maxAge}`; // and no time, for the header is kept
  }

  /** The text; undefined where there is none, or one that we did not write, or several. */
  read(req: Request): string | undefined {
    const values = (req.headers.cookie ?? "")
      .split(";")
      .map((pair) => pair.trim().split("=", 2))
      .filter(([name]) => name === this.#name);
    const [value, signature] = values.length === 1 ? (values[0]?.[1]?.split(".") ?? []) : [];
    if (value === undefined || signature === undefined) return undefined;
    return isSame(signature, this.#sign(value)) ? Buffer.from(value, "base64url").toString() : undefined;
  }

  isSent(req: Request): boolean {
    return req.headers.cookie?.includes(`${this.#name}=`) ?? false;
  }

  write(res: Response, text: string): void {
    res.append(
      "Set-Cookie",
      this.#headers.get(text, () => this.#headerOf(text)),
    );
  }

  clear(res: Response): void {
    res.append("Set-Cookie", `${this.#name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${this.#attributes}`);
  }

  #headerOf(text: string): string {
    const value = Buffer.from(text).toString("base64url");
    return `${this.#name}=${value}.${this.#sign(value)}; ${this.#maxAge}; ${this.#attributes}`;
  }

  /** Of its name too, so that the value of one cookie is no value for another. */
  #sign(value: string): string {
    return createHmac("sha256", this.#secret).update(`${this.#name}=${value}`).digest("base64url");
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
