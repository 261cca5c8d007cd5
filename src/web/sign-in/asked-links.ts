import type { Request, Response } from "express";
import { type CookieSettings, SignedCookie } from "../signed-cookie.ts";
import { hashOf } from "./tokens.ts";

const fifteenMinutes = 15 * 60;
const mostNoted = 5;

/**
 * Knows which links were asked for in this browser. Somebody may send a link of their own to a stranger, who then writes in their
 * account without noticing. So other links get a warning.
 */
export class AskedLinks {
  readonly #cookie: SignedCookie;

  constructor(settings: CookieSettings) {
    this.#cookie = new SignedCookie("asked", settings, fifteenMinutes);
  }

  note(req: Request<unknown>, res: Response, token: string): void {
    this.#cookie.write(res, [noteOf(token), ...this.#notes(req)].slice(0, mostNoted).join(" "));
  }

  has(req: Request<unknown>, token: string): boolean {
    return this.#notes(req).includes(noteOf(token));
  }

  #notes(req: Request<unknown>): string[] {
    return this.#cookie.read(req)?.split(" ") ?? [];
  }
}

function noteOf(token: string): string {
  return hashOf(`asked ${token}`).toString("base64url").slice(0, 22);
}
