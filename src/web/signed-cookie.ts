import { createHmac, timingSafeEqual } from "node:crypto";
import type { CookieOptions, Request, Response } from "express";

export interface CookieSettings {
  /** All processes that have the secret read each other's cookies. */
  readonly secret: string;
  /** If it is https, browsers send the cookies only over https and only to this host. */
  readonly publicUrl?: string | undefined;
}

/** A small text that the browser keeps for us and cannot change. */
export class SignedCookie {
  readonly #name: string;
  readonly #secret: string;
  readonly #maxAge: number;
  readonly #options: CookieOptions;

  constructor(name: string, { secret, publicUrl }: CookieSettings, seconds: number) {
    const secure = publicUrl?.startsWith("https:") ?? false;
    this.#name = secure ? `__Host-${name}` : name;
    this.#secret = secret;
    this.#maxAge = seconds * 1_000;
    this.#options = { httpOnly: true, sameSite: "lax", secure };
  }

  /** Undefined if there is no such cookie, if its signature is wrong, or if there are several. */
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
    const value = Buffer.from(text).toString("base64url");
    res.cookie(this.#name, `${value}.${this.#sign(value)}`, { ...this.#options, maxAge: this.#maxAge });
  }

  clear(res: Response): void {
    res.clearCookie(this.#name, this.#options);
  }

  /** Signed with its name, so the value of one cookie cannot be used for another. */
  #sign(value: string): string {
    return createHmac("sha256", this.#secret).update(`${this.#name}=${value}`).digest("base64url");
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
