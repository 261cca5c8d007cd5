import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/**
 * True if somebody typed the text that was sealed: `await verifySecret(member.password, req.body.password)`. It is false for
 * whatever cannot be compared. It takes as long if there is no sealed text, so nobody learns from its time who is a member.
 */
export async function verifySecret(sealed: unknown, typed: unknown): Promise<boolean> {
  if (typeof typed !== "string" || typed === "" || typed.length > longestSecret || !isComparable(typed))
    return false;
  const parts = partsOf(sealed);
  const { salt, hash, ...cost } = parts ?? { ...costOfNow, salt: Buffer.alloc(32), hash: Buffer.alloc(32) };
  const other = await hashOf(typed, salt, hash.length, cost);
  return timingSafeEqual(hash, other) && parts !== undefined;
}

/** Seals a text as a command does, for a spec or an import: `PasswordSet.of(id, { password: await sealSecret("…") })`. */
export async function sealSecret(typed: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const { log2, blockSize, lanes } = costOfNow;
  const hash = await hashOf(typed, salt, 32, costOfNow);
  return `${prefix}ln=${log2},r=${blockSize},p=${lanes}$${base64(salt)}$${base64(hash)}`;
}

export function isSealed(value: unknown): value is string {
  return partsOf(value) !== undefined;
}

export const prefix = "$scrypt$";

/** In characters. The time of scrypt does not depend on the length, but the time of normalising a text does. */
export const longestSecret = 1_024;

/** False for texts that scrypt cannot distinguish: with NUL characters at the end, or with halves of characters. */
export function isComparable(typed: string): boolean {
  return typed.isWellFormed() && !typed.includes("\0");
}

interface Cost {
  readonly log2: number;
  readonly blockSize: number;
  readonly lanes: number;
}

/** 16 MB, and as many rounds as OWASP recommends. Each sealed text has its cost in it, so it stays valid if you raise this. */
const costOfNow: Cost = { log2: 14, blockSize: 8, lanes: 5 };

const pattern =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{43})$/;

/** Undefined if this is no sealed text, or one that would cost more than ours ever will. */
function partsOf(sealed: unknown): (Cost & { salt: Buffer; hash: Buffer }) | undefined {
  const [, ln, r, p, salt = "", hash = ""] = (typeof sealed === "string" && pattern.exec(sealed)) || [];
  const [log2, blockSize, lanes] = [Number(ln), Number(r), Number(p)];
  const isFair = log2 >= 1 && log2 <= 18 && blockSize === 8 && lanes >= 1 && lanes <= 16;
  if (!isFair) return undefined;
  return { log2, blockSize, lanes, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function hashOf(
  typed: string,
  salt: Buffer,
  length: number,
  { log2, blockSize, lanes }: Cost,
): Promise<Buffer> {
  const options = { N: 2 ** log2, r: blockSize, p: lanes, maxmem: 256 * 2 ** log2 * blockSize };
  return new Promise((resolve, reject) =>
    scrypt(typed.normalize(), salt, length, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  );
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
