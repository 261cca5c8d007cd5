import { createHash } from "node:crypto";

/** A statement in the form that `pg` takes: prepared under its name on the first use of each connection. */
export interface Statement {
  /** Empty where it is run without being kept. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Named after its text, for one name can stand for one text only. */
export function named(text: string, values: readonly unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= most) return { name: "", text, values };
    name = `sequent_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
    names.set(text, name);
  }
  return { name, text, values };
}

/** A text that is always the same for its key is put together once. */
export function textOnce(key: string, text: () => string): string {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const made = text();
  if (texts.size < most) texts.set(key, made);
  return made;
}

const names = new Map<string, string>();
const texts = new Map<string, string>();

/** Each costs memory on every connection, and large units of many kinds of changes have ever new texts. */
const most = 1_000;
