import { Refused } from "../../src/bin/command.ts";
import type { Import } from "../edits.ts";
import { closing, codeOf, partsOf } from "../source.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import { type Attribute, attributesIn, referencesIn, valueObjectsIn } from "./attributes.ts";
import { bare, codeOfType, isPersonal } from "./types.ts";

/** A class that a file declares with its attributes. */
export interface Declaration {
  readonly name: string;
  readonly base: string;
  readonly attributes: readonly Attribute[];
}

/** The commands, events or value objects of a file, or its aggregate. */
function declarationsIn(file: string): Declaration[] {
  const code = codeOf(file);
  const found = code.matchAll(
    /\bclass (\w+) extends (Event|Command|CreationCommand|AggregateRoot|ValueObject)\(/g,
  );
  return [...found].map(({ 0: begin, 1: name = "", 2: base = "", index }) => {
    const open = index + begin.length - 1;
    const parts = partsOf(file.slice(open + 1, closing(code, open)));
    return { name, base, attributes: attributesIn(base === "ValueObject" ? parts[0] : parts[1], file) };
  });
}

/** An aggregate of the project, as its files say. */
export class Aggregate {
  readonly words: Words;
  readonly #tree: Tree;

  constructor(tree: Tree, name: string) {
    this.#tree = tree;
    this.words = new Words(name);
    if (tree.has(this.file)) return;
    const { pascal } = this.words;
    throw new Refused(
      `There is no aggregate ${pascal} yet. Make it first: npm run generate -- aggregate ${pascal}`,
    );
  }

  /** The file of its class. */
  get file(): string {
    return this.path(this.words.kebab);
  }

  /** `path("events")` is `src/domain/author/events.ts`. */
  path(file: string): string {
    return `src/domain/${this.words.kebab}/${file}.ts`;
  }

  get commands(): Declaration[] {
    return declarationsIn(this.#tree.read(this.path("commands")));
  }

  get events(): Declaration[] {
    return declarationsIn(this.#tree.read(this.path("events")));
  }

  /** The event of a new aggregate, such as `AuthorAdded`. */
  get added(): Declaration | undefined {
    return this.events.find(({ name }) => name === `${this.words.pascal}Added`);
  }

  /** The events that come after it. */
  get laterEvents(): Declaration[] {
    return this.events.filter(({ name }) => name !== `${this.words.pascal}Added`);
  }

  /** The command that asks for a new one, such as `AddAuthor`. */
  get add(): Declaration | undefined {
    return this.commands.find(({ name }) => name === `Add${this.words.pascal}`);
  }

  get state(): readonly Attribute[] {
    const declared = declarationsIn(this.#tree.read(this.file));
    return declared.find(({ base }) => base === "AggregateRoot")?.attributes ?? [];
  }
}

/** What is known after an event: its values, or for one without values a flag, such as `isErased` after `AuthorErased`. */
export function toldBy({ name, attributes }: Declaration, { pascal }: Words): readonly Attribute[] {
  if (attributes.length > 0 || name === `${pascal}Added`) return attributes;
  const rest = name.startsWith(pascal) ? name.slice(pascal.length) : name;
  return [{ name: new Words(`is${rest || name}`).camel, type: { word: "boolean", names: [], rules: [] } }];
}

/** The file in src/domain/shared that declares a value object, and its attributes. */
export function valueObject(tree: Tree, name: string): { file: string; attributes: readonly Attribute[] } {
  for (const path of tree.paths("src/domain/shared/")) {
    const found = declarationsIn(tree.read(path)).find(
      (each) => each.name === name && each.base === "ValueObject",
    );
    if (found) return { file: path.replace("src/domain/shared/", ""), attributes: found.attributes };
  }
  const file = `src/domain/shared/${new Words(name).kebab}.ts`;
  throw new Refused(
    `There is no value object ${name}. Make it by hand first, in ${file}: docs/reference/attributes.md#value-objects`,
  );
}

/** The imports of their value objects. `shared` is the way to src/domain/shared. */
export function valueObjectImports(tree: Tree, attributes: readonly Attribute[], shared: string): Import[] {
  return valueObjectsIn(attributes).map((name) => [[name], `${shared}/${valueObject(tree, name).file}`]);
}

/** Makes sure that what these attributes name exists. A new aggregate may refer to others of its kind, but need not. */
export function refuseMissing(tree: Tree, attributes: readonly Attribute[], own?: string): void {
  for (const name of valueObjectsIn(attributes)) valueObject(tree, name);
  for (const name of referencesIn(attributes)) if (name !== own) new Aggregate(tree, name);
  const impossible = attributes.find(({ type }) => type.word === "reference" && type.names[0] === own);
  if (impossible)
    throw new Refused(
      `The first ${own} could have no ${impossible.name}. Write "${impossible.name}:optional(reference(${own}))". Nothing was changed.`,
    );
}

/** A value that is personal or secret in one message must be so in all of them, or it would be kept in clear. */
export function refuseNotPersonal(
  { words, commands, events, state }: Aggregate,
  attributes: readonly Attribute[],
): void {
  const known = [...commands, ...events].flatMap((each) => each.attributes).concat(state);
  for (const { name, type } of attributes) {
    const others = known.filter((each) => each.name === name && isPersonal(each.type));
    if (others.length === 0 || isPersonal(type)) continue;
    const isSecret = others.some((each) => bare(each.type).word === "secret");
    const right = isSecret ? "secret" : `personal(${codeOfType(type, true)})`;
    throw new Refused(
      `${name} of ${words.pascal} is ${isSecret ? "a secret" : "personal"}. Write it so here, too: "${name}:${right}". Nothing was changed.`,
    );
  }
}
