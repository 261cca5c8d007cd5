import { createHash, randomBytes } from "node:crypto";

/** 128 bits for a link, which lives for minutes. */
export function newLinkToken(): string {
  return randomBytes(16).toString("base64url");
}

/** 256 bits for a session, or for the key of a form. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored instead of a token, so nobody who reads the database can use it. */
export function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

export function isLinkToken(text: unknown): text is string {
  return typeof text === "string" && /^[\w-]{22}$/.test(text);
}

export function isToken(text: unknown): text is string {
  return typeof text === "string" && /^[\w-]{43}$/.test(text);
}
