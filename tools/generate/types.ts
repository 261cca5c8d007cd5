import { Refused } from "../../src/bin/command.ts";
import { closing, codeOf, partsOf } from "../source.ts";
import { type RuleKind, refuseRules } from "./rules.ts";

/** The type of an attribute, as it is declared: `optional(string(notBlank, maxLength(80)))`. */
export interface Type {
  /** The word of the framework, such as "string" or "optional". "?" for one that is not understood. */
  readonly word: string;
  /** What is inside `optional`, `personal` and `list`. */
  readonly of?: Type;
  /** The words of `oneOf`, the aggregate of `reference`, the class of `object`. */
  readonly names: readonly string[];
  /** The rules, as code. */
  readonly rules: readonly string[];
}

const scalars: Readonly<Record<string, RuleKind>> = {
  string: "texts",
  text: "texts",
  email: "texts",
  secret: "texts",
  integer: "numbers",
  decimal: "numbers",
  boolean: "none",
  date: "none",
  time: "none",
  uuid: "none",
};
const named = ["oneOf", "reference", "object"];
const around = ["optional", "personal", "list"];

const typeWords: readonly string[] = [...Object.keys(scalars), ...named, ...around];

/** Reads a type. One that a person wrote in a file may have other rules; `isTyped` is true for one of the command line. */
export function typeOf(text: string, isTyped: boolean): Type {
  const [, word = "", rest = ""] = /^\s*(\w+)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  const known = Object.hasOwn(scalars, word) || named.includes(word) || around.includes(word);
  const isWhole = rest === "" || (rest.startsWith("(") && closing(codeOf(rest), 0) === rest.length - 1);
  if (!known || !isWhole) {
    if (isTyped) throw new Refused(whyUnknown(text.trim(), word, known));
    return { word: "?", names: [], rules: [] };
  }
  const parts = partsOf(rest.slice(1, -1));
  if (around.includes(word)) return wrapped(word, parts, isTyped);
  if (named.includes(word)) {
    const names = parts.map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
    if (isTyped) refuseNames(word, names);
    return { word, names, rules: [] };
  }
  if (isTyped) refuseRules(word, scalars[word] ?? "none", parts);
  return { word, names: [], rules: parts };
}

/** The words of the type that say what it is, without `optional` and `personal`. */
export function bare({ word, of, ...type }: Type): Type {
  return of && word !== "list" ? bare(of) : { word, ...(of && { of }), ...type };
}

export function isOptional({ word, of }: Type): boolean {
  return word === "optional" || (word === "personal" && of !== undefined && isOptional(of));
}

/** True if it is refused when it is blank. */
export function mustBeTyped(type: Type): boolean {
  const { word, rules } = bare(type);
  return !isOptional(type) && (rules.includes("notBlank") || ["email", "secret", "oneOf"].includes(word));
}

/** A secret is personal by itself. */
export function isPersonal({ word, of }: Type): boolean {
  return word === "personal" || word === "secret" || (of !== undefined && isPersonal(of));
}

/** As code: with its rules in a command; without them in an event, where a reference is an id like any other. */
export function codeOfType(type: Type, withRules: boolean): string {
  const { word, of, names, rules } = type;
  if (word === "reference" && !withRules) return "uuid()";
  const quoted = word === "object" ? names : names.map((name) => JSON.stringify(name));
  const inside = [...(of ? [codeOfType(of, withRules)] : []), ...quoted, ...(withRules ? rules : [])];
  return `${word}(${inside.join(", ")})`;
}

function wrapped(word: string, [inside, ...rules]: string[], isTyped: boolean): Type {
  if (inside === undefined) {
    if (isTyped) throw new Refused(`${word} needs a type in it, such as ${word}(string).`);
    return { word: "?", names: [], rules: [] };
  }
  const of = typeOf(inside, isTyped);
  if (of.word === "?") return of;
  if (isTyped) {
    if (rules.length > 0) throw new Refused(`${word} takes one type. Add its rules by hand.`);
    refuseNesting(word, of);
  }
  return { word, of, names: [], rules };
}

function refuseNesting(word: string, of: Type): void {
  const inside = bare(of).word;
  if (word === of.word) throw new Refused(`${word} is in ${word}. Once is enough.`);
  if (word === "list" && (isOptional(of) || inside === "secret"))
    throw new Refused(`A list cannot hold ${isOptional(of) ? "optional values" : "secrets"}.`);
  const texts = ["string", "text", "email", "decimal", "date", "uuid", "reference", "oneOf"];
  if (word === "personal" && !texts.includes(inside))
    throw new Refused(
      inside === "secret"
        ? "A secret is personal anyway: leave personal out."
        : `personal marks a text, not ${inside}. In a list or an object, mark each text in it.`,
    );
}

function refuseNames(word: string, names: readonly string[]): void {
  const examples = {
    oneOf: "oneOf(draft,published)",
    reference: "reference(Author)",
    object: "object(Address)",
  };
  const example = examples[word as keyof typeof examples];
  const isClass = word !== "oneOf";
  if (names.length === 0 || (isClass && names.length > 1))
    throw new Refused(`${word} needs ${isClass ? "one name" : "its words"}, as in ${example}.`);
  const wrong = names.find((name) => !(isClass ? /^[A-Z]\w*$/ : /^[\w -]+$/).test(name));
  if (wrong !== undefined)
    throw new Refused(`"${wrong}" cannot stand in ${word}. Write it as in ${example}.`);
  if (new Set(names).size < names.length) throw new Refused(`${word} has a word twice.`);
}

function whyUnknown(text: string, word: string, known: boolean): string {
  if (word === "money") return "money is no type. Use decimal, and say the currency in the form.";
  const hint = known ? "Its brackets do not fit together." : `The types: ${typeWords.join(", ")}.`;
  return `"${text}" is no type. ${hint}`;
}
