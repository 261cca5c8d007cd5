import { Command, Event, string } from "#sequent";
import { Refused } from "../../src/bin/command.ts";
import { codeOf, partsOf } from "../source.ts";
import { isReserved } from "./names.ts";
import { bare, codeOfType, isOptional, type Type, typeOf } from "./types.ts";

export interface Attribute {
  readonly name: string;
  readonly type: Type;
}

/** The attributes of a command line: `name:string(notBlank)` and `born:date` are two. */
export function attributesFrom(words: readonly string[]): Attribute[] {
  const attributes = words.map(attributeFrom);
  const twice = attributes.find(({ name }, at) => attributes.findIndex((each) => each.name === name) < at);
  if (twice) throw new Refused(`There are two attributes named "${twice.name}". Give one another name.`);
  return attributes;
}

function attributeFrom(word: string): Attribute {
  const [, name = "", type] = /^([^:]*)(?::([\s\S]*))?$/.exec(word) ?? [];
  if (!/^[a-z][A-Za-z\d]{0,39}$/.test(name))
    throw new Refused(
      `"${name}" is no name of an attribute. Use up to 40 letters, the first one small, as in publicationDate:date.`,
    );
  if (type === undefined)
    throw new Refused(
      `${name} has no type. Write ${name}:string, or another type: docs/reference/attributes.md`,
    );
  if (isReserved(name))
    throw new Refused(
      `An attribute cannot be named "${name}": JavaScript has this word. Give it another name.`,
    );
  refuseEnvelopeName(name);
  return { name, type: typeOf(type, true) };
}

/** The framework knows its own names. */
function refuseEnvelopeName(name: string): void {
  for (const declare of [Command, Event]) {
    try {
      declare("Probe", { [name]: string() });
    } catch (error) {
      throw error instanceof TypeError ? new Refused(error.message) : error;
    }
  }
}

/** The attributes that a file declares between these braces: `{ name: string(), title }`. */
export function attributesIn(braces: string | undefined, file: string): Attribute[] {
  const parts = braces ? partsOf(braces.trim().slice(1, -1)) : [];
  return parts.map((part) => {
    const [, name = part, type] = /^(\w+)(?:\s*:\s*([\s\S]+))?$/.exec(part) ?? [];
    return { name, type: typeOf(type ?? constantIn(file, name), false) };
  });
}

/** `{ title }` takes its type from `const title = …;`. */
function constantIn(file: string, name: string): string {
  const code = codeOf(file);
  const begin = new RegExp(`\\bconst ${name}\\b[^=;]*=\\s*`).exec(code);
  if (!begin) return "";
  const from = begin.index + begin[0].length;
  return file.slice(from, code.indexOf(";", from));
}

/** As code behind the name of a message: `, { name: string(notBlank) }`. */
export function declarationOf(attributes: readonly Attribute[], withRules: boolean): string {
  if (attributes.length === 0) return "";
  return `, { ${attributes.map(({ name, type }) => `${name}: ${codeOfType(type, withRules)}`).join(", ")} }`;
}

/** What a declaration of these attributes imports from the framework. */
export function importsOf(attributes: readonly Attribute[], withRules: boolean): string[] {
  const code = attributes.map(({ type }) => codeOf(codeOfType(type, withRules))).join(" ");
  return [...new Set(code.match(/\b[a-z]\w*/g))];
}

/** The value objects among them. */
export function valueObjectsIn(attributes: readonly Attribute[]): string[] {
  const classOf = (type: Type): readonly string[] =>
    type.of ? classOf(type.of) : type.word === "object" ? type.names : [];
  return [...new Set(attributes.flatMap(({ type }) => classOf(type)))];
}

/** The aggregates that they refer to. */
export function referencesIn(attributes: readonly Attribute[]): string[] {
  const aggregatesOf = (type: Type): readonly string[] =>
    type.of ? aggregatesOf(type.of) : type.word === "reference" ? type.names : [];
  return [...new Set(attributes.flatMap(({ type }) => aggregatesOf(type)))];
}

/** The names between braces, where a value is taken apart or put together: `{ name, title }`. */
export function namesOf(attributes: readonly Attribute[]): string {
  return `{ ${attributes.map(({ name }) => name).join(", ")} }`;
}

/** The same names and types, whatever their rules and their order. */
export function haveSame(some: readonly Attribute[], others: readonly Attribute[]): boolean {
  const key = (attributes: readonly Attribute[]) =>
    attributes
      .map(({ name, type }) => `${name}:${isOptional(type)}:${kindOf(type)}`)
      .sort()
      .join();
  return key(some) === key(others);
}

/** Two types of one kind hold the same values: a `string` and a `text`, a `uuid` and a `reference`. */
export function kindOf(type: Type): string {
  const { word, of, names } = bare(type);
  if (word === "list" && of) return `list of ${kindOf(of)}`;
  if (["text", "email"].includes(word)) return "string";
  if (word === "reference") return "uuid";
  return [word, ...names].join(" ");
}
