import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { type Attribute, type Attributes, NotStorable, refuse } from "./attribute.ts";
import { newId } from "./ids.ts";
import { personal } from "./personal.ts";
import { type Rule, rulesOf } from "./rules.ts";
import { single } from "./scalar.ts";
import { isComparable, isSealed, longestSecret, prefix, sealSecret } from "./sealing.ts";

/**
 * A password, or another text that only its owner knows: `password: secret(minLength(12))`. The rules check the typed text.
 * Then the command seals it, so nobody can read it again; `verifySecret` compares. In an event and in the state of an
 * aggregate, `secret()` is the sealed text.
 */
export function secret(...rules: Rule[]): Attribute<string> {
  const sealed = personal<string>({
    rules: rulesOf(rules),
    parse(input) {
      const typed = input instanceof PlainSecret ? input.text : input;
      if (typeof typed !== "string" || typed.trim() === "") return single(typed, { code: "not_a_text" });
      if (typed.length > longestSecret) refuse({ code: "too_long", most: longestSecret });
      if (!isComparable(typed)) refuse({ code: "unstorable" });
      return typed.startsWith(prefix) ? refuse({ code: "sealed" }) : typed.normalize();
    },
    toJson(value) {
      if (!isSealed(value)) throw new NotStorable("[secret]", notSealed);
      return value;
    },
    fromJson(json) {
      if (!isSealed(json)) throw new TypeError("expected a sealed secret");
      return json;
    },
  });
  return { ...sealed, isSecret: true };
}

const notSealed =
  "a secret that is not sealed. A command seals it when it is executed: in an event, use the value of the command";

/** The typed text of a secret, in a new command. It is neither shown nor stored. */
class PlainSecret {
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

/** Seals texts that have passed their rules. A command that is sent twice has the same salts; other commands have others. */
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

/** The fields without those of secrets, to be shown again or logged. */
export function withoutSecrets(fields: object, names: readonly string[]): object {
  if (names.length === 0) return fields;
  const isSecret = (path: string) => names.includes(path.split(/[.[]/, 1)[0] ?? "");
  return Object.fromEntries(Object.entries(fields).filter(([path]) => !isSecret(path)));
}

/** Only the attributes of a command, an event or an aggregate itself are sealed, not their parts. */
export class SecretMisplaced extends TypeError {
  constructor(where: string) {
    super(`A secret() cannot be in ${where}. Declare it in the command, the event or the aggregate itself.`);
  }
}
