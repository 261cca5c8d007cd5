import type { Tree } from "../tree.ts";
import { Words, withArticle } from "../words.ts";
import type { Attribute } from "./attributes.ts";
import { valueObject } from "./domain.ts";
import { sampleOf, singular } from "./samples.ts";
import { bare, type Type } from "./types.ts";

/** The fields of a form, as code: `name: { label: "Name" },` */
export function fieldsOf(tree: Tree, attributes: readonly Attribute[]): string {
  return attributes.map(({ name, type }) => `${name}: ${fieldOf(tree, name, type)},`).join("\n");
}

function fieldOf(tree: Tree, name: string, type: Type): string {
  const { word, of, names } = bare(type);
  const label = `label: ${JSON.stringify(labelOf(name))}`;
  const [named = ""] = names;
  if (word === "list" && of) return `{ ${label}, each: ${fieldOf(tree, singular(name), of)} }`;
  if (word === "object")
    return `{ ${label}, fields: { ${fieldsOf(tree, valueObject(tree, named).attributes)} } }`;
  if (word === "oneOf") {
    const options = names.map((each) => `${JSON.stringify(each)}: ${JSON.stringify(labelOf(each))}`);
    return `{ ${label}, options: { ${options.join(", ")} } }`;
  }
  if (word === "reference") return `{ ${label}, hint: "The id of ${withArticle(new Words(named).text)}." }`;
  const more = boxes[word];
  return more === undefined ? `{ ${label} }` : `{ ${label}, ${more} }`;
}

/** What a box needs beside its label. */
const boxes: Readonly<Record<string, string>> = {
  text: "rows: 6",
  email: 'inputType: "email", autocomplete: "email"',
  secret: 'inputType: "password", autocomplete: "new-password"',
  integer: 'inputType: "number"',
  decimal: 'inputType: "decimal"',
  boolean: 'inputType: "checkbox"',
  date: 'inputType: "date"',
  time: 'hint: "With its time zone, such as 2026-11-20T10:30Z."',
};

/** "Publication date"; `authorId` is "Author", and `isOpen` is "Open". */
export function labelOf(name: string): string {
  const { text } = new Words(name.replace(/(?<=[a-z])(AggregateId|Id)$|^is(?=[A-Z])/g, ""));
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * What a browser sends for the fields of a form, as code: `name: "The name", "home.street": "The street"`. Undefined if nobody
 * can know what the rules allow.
 */
export function typedOf(tree: Tree, attributes: readonly Attribute[], path = ""): string | undefined {
  const typed = attributes.map(({ name, type }) => typedValue(tree, `${path}${name}`, name, type));
  return typed.some((each) => each === undefined) ? undefined : typed.join(", ");
}

function typedValue(tree: Tree, path: string, name: string, type: Type): string | undefined {
  const { word, of, names } = bare(type);
  const key = /^\w+$/.test(path) ? path : JSON.stringify(path);
  if (word === "object") return typedOf(tree, valueObject(tree, names[0] ?? "").attributes, `${path}.`);
  if (word === "list" && of) return typedValue(tree, `${path}[0]`, singular(name), of);
  if (word === "boolean") return `${key}: "true"`;
  if (word === "time") return `${key}: "2026-11-20T09:00Z"`;
  const sample = sampleOf(tree, name, type, "command", "first");
  return sample && (sample === key ? key : `${key}: ${sample}`);
}
