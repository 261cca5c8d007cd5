import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { inspect, promisify } from "node:util";
import { type Attribute, type Attributes, NotStorable, refuse } from "./attribute.ts";
import { newId } from "./ids.ts";
import { personal } from "./personal.ts";
import { type Rule, rulesOf } from "./rules.ts";
import { single } from "./scalar.ts";

/**
 * A password, or another text that only its owner knows: `password: secret(minLength(12))`. Its rules judge the text that was
 * typed. Then the command seals it, so that nobody can read it again, and `verifySecret` compares. In an event and in what
 * an aggregate remembers, `secret()` is the sealed text.
 */
export function secret(...rules: Rule[]): Attribute<string> {
  return {
    ...personal<string>({
      rules: rulesOf(rules),
      parse(input) {
        const typed = input instanceof PlainSecret ? input.text : input;
        if (typeof typed !== "string") return single(typed, { code: "not_a_text" });
        if (typed.trim() === "") return single("", { code: "not_a_text" });
        if (typed.length > longest) refuse({ code: "too_long", most: longest });
        if (!isComparable(typed)) refuse({ code: "unstorable" });
        if (typed.startsWith(prefix)) refuse({ code: "sealed" });
        return typed.normalize();
      },
      toJson(value) {
        if (!partsOf(value)) throw new NotStorable("[secret]", notSealed);
        return value;
      },
      fromJson(json) {
        if (!partsOf(json)) throw new TypeError("expected a sealed secret");
        return json as string;
      },
    }),
    isSecret: true,
  };
}

/**
 * Whether somebody typed the text that was sealed: `await verifySecret(member.password, req.body.password)`. It is false for
 * whatever cannot be compared. It takes as long where nothing is sealed, so that nobody learns from it who is a member.
 */
export async function verifySecret(sealed: unknown, typed: unknown): Promise<boolean> {
  if (typeof typed !== "string" || typed === "" || typed.length > longest || !isComparable(typed))
    return false;
  const parts = partsOf(sealed);
  const { salt, hash, ...cost } = parts ?? { ...costOfNow, salt: noSalt, hash: noSalt };
  const other = await hashOf(typed, salt, hash.length, cost);
  return timingSafeEqual(hash, other) && parts !== undefined;
}

/** Seals a text as a command does, for a spec or an import: `PasswordSet.of(id, { password: await sealSecret("…") })`. */
export async function sealSecret(typed: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const { log2, blockSize, lanes } = costOfNow;
  const hash = await hashOf(typed, salt, 32, costOfNow);
  return `${prefix}ln=${log2},r=${blockSize},p=${lanes}$${base64(salt)}$${base64(hash)}`;
}

/** What a new command was given as a secret. It is not shown, and not stored. */
export class PlainSecret {
  readonly #text: unknown;

  constructor(text: unknown) {
    this.#text = text;
  }

  get text(): unknown {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

export function secretNames(attributes: Attributes): string[] {
  return Object.keys(attributes).filter((name) => attributes[name]?.isSecret);
}

/** The values as a command keeps them until it is checked. */
export function hiddenSecrets(values: object, names: readonly string[]): object {
  const hidden: Record<string, unknown> = { ...values };
  for (const name of names) {
    const value = hidden[name];
    if (value !== undefined && !(value instanceof PlainSecret)) hidden[name] = new PlainSecret(value);
  }
  return hidden;
}

/** Seals what passed its rules. The same command sent twice has the same salts, and no other command has them. */
export async function sealSecrets(values: Record<string, unknown>, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const commandId = values["commandId"] ?? newId();
  values["commandId"] = commandId;
  for (const name of names) {
    const typed = values[name];
    if (typeof typed !== "string") continue;
    const salt = createHash("sha256").update(`${commandId} ${name}`).digest().subarray(0, 16);
    values[name] = await sealSecret(typed, salt);
  }
}

/** What was sent, without the fields of secrets: what is shown again, or logged. */
export function withoutSecrets(fields: object, names: readonly string[]): object {
  if (names.length === 0) return fields;
  const isSecret = (path: string) => names.includes(path.split(/[.[]/, 1)[0] ?? "");
  return Object.fromEntries(Object.entries(fields).filter(([path]) => !isSecret(path)));
}

/** Of a text that is typed. scrypt's own time does not depend on it, but that of its normalisation does. */
const longest = 1_024;

/** scrypt takes zeros at the end of a text for its own, and half a character for any other half. */
function isComparable(typed: string): boolean {
  return typed.isWellFormed() && !typed.includes("\0");
}

const notSealed =
  "a secret that is not sealed. It is sealed when its command is executed; in an event, take it from there";

interface Cost {
  readonly log2: number;
  readonly blockSize: number;
  readonly lanes: number;
}

/** 16 MB and as many rounds as OWASP asks for. It stands in each sealed text, so it can be raised: older ones stay valid. */
const costOfNow: Cost = { log2: 14, blockSize: 8, lanes: 5 };

const noSalt = Buffer.alloc(32);
const prefix = "$scrypt$";
const pattern =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{43,86})$/;

/** Undefined for what is no sealed text, or one that would cost more than any of ours ever will. */
function partsOf(sealed: unknown): (Cost & { salt: Buffer; hash: Buffer }) | undefined {
  const [, ln, r, p, salt = "", hash = ""] = (typeof sealed === "string" && pattern.exec(sealed)) || [];
  const cost = { log2: Number(ln), blockSize: Number(r), lanes: Number(p) };
  const isFair =
    cost.log2 >= 1 && cost.log2 <= 18 && cost.blockSize === 8 && cost.lanes >= 1 && cost.lanes <= 16;
  if (!isFair) return undefined;
  return { ...cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

const scrypted = promisify(scrypt) as (
  text: string,
  salt: Buffer,
  length: number,
  options: object,
) => Promise<Buffer>;

function hashOf(typed: string, salt: Buffer, length: number, { log2, blockSize, lanes }: Cost) {
  const options = { N: 2 ** log2, r: blockSize, p: lanes, maxmem: 256 * 2 ** log2 * blockSize };
  return scrypted(typed.normalize(), salt, length, options);
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

/** A secret is sealed where a command, an event or an aggregate has it, not deeper. */
export class SecretMisplaced extends TypeError {
  constructor(where: string) {
    super(
      `A secret() cannot stand in ${where}. Declare it in the command, the event or the aggregate itself.`,
    );
  }
}
