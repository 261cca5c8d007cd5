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
  read(req: Request<unknown>): string | undefined {
    const [value, signature] = cookieOf(req, this.#name)?.split(".") ?? [];
    if (value === undefined || signature === undefined) return undefined;
    return isSame(signature, this.#sign(value)) ? Buffer.from(value, "base64url").toString() : undefined;
  }

  isSent(req: Request<unknown>): boolean {
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

/** The value of a cookie. Undefined if there is none, or if there are several. */
export function cookieOf({ headers }: Request<unknown>, name: string): string | undefined {
  const values = (headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
