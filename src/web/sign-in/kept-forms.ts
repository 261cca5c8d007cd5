import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Request } from "express";
import type { FormBody } from "../forms/form-body.ts";
import { type CookieSettings, SignedCookie } from "../signed-cookie.ts";
import { responseTo } from "./sessions.ts";
import type { KeptFormStore } from "./store.ts";
import { hashOf, newToken } from "./tokens.ts";

const aDay = 24 * 60 * 60;
const cipher = "aes-256-gcm";
const [ivLength, tagLength] = [12, 16];

/**
 * Keeps a form of somebody who has to sign in first, for a day. It is encrypted, and only a cookie of this browser has the key. So
 * nobody who reads the database can read it.
 */
export class KeptForms {
  readonly #store: KeptFormStore;
  /** One key for all forms of a browser, so two tabs can wait at the same time. */
  readonly #cookie: SignedCookie;

  constructor(store: KeptFormStore, settings: CookieSettings) {
    this.#store = store;
    this.#cookie = new SignedCookie("kept-forms", settings, aDay);
  }

  /** Keeps what was sent to this path. Returns false if there is no room. */
  async keep(req: Request<unknown>, path: string, body: FormBody): Promise<boolean> {
    const key = this.#cookie.read(req) ?? newToken();
    const isKept = await this.#store.keepForm(idOf(key, path), sealed(key, path, JSON.stringify(body)));
    if (isKept) this.#cookie.write(responseTo(req), key);
    return isKept;
  }

  /** What was sent to this path from this browser. */
  async find(req: Request<unknown>, path: string): Promise<FormBody | undefined> {
    const key = this.#cookie.read(req);
    const form = key && (await this.#store.findForm(idOf(key, path)));
    return form ? Object.assign(Object.create(null), JSON.parse(opened(key, path, form))) : undefined;
  }

  /** Called when the form has been stored. */
  async forget(req: Request<unknown>, path: string): Promise<void> {
    const key = this.#cookie.isSent(req) ? this.#cookie.read(req) : undefined;
    if (key) await this.#store.forgetForm(idOf(key, path));
  }

  /** Nobody who uses this browser afterwards can see the forms. */
  forgetKey(req: Request<unknown>): void {
    if (this.#cookie.isSent(req)) this.#cookie.clear(responseTo(req));
  }
}

function idOf(key: string, path: string): Buffer {
  return hashOf(`${key} ${path}`);
}

function sealed(key: string, path: string, text: string): Buffer {
  const iv = randomBytes(ivLength);
  const encrypting = createCipheriv(cipher, Buffer.from(key, "base64url"), iv).setAAD(Buffer.from(path));
  const encrypted = Buffer.concat([encrypting.update(text, "utf8"), encrypting.final()]);
  return Buffer.concat([iv, encrypting.getAuthTag(), encrypted]);
}

function opened(key: string, path: string, form: Buffer): string {
  const [iv, tag] = [form.subarray(0, ivLength), form.subarray(ivLength, ivLength + tagLength)];
  const decrypting = createDecipheriv(cipher, Buffer.from(key, "base64url"), iv, {
    authTagLength: tagLength,
  });
  decrypting.setAAD(Buffer.from(path)).setAuthTag(tag);
  const decrypted = [decrypting.update(form.subarray(ivLength + tagLength)), decrypting.final()];
  return Buffer.concat(decrypted).toString();
}
