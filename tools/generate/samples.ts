import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import type { Attribute } from "./attributes.ts";
import { valueObject } from "./domain.ts";
import { type Bounds, boundsOf } from "./rules.ts";
import { bare, type Type } from "./types.ts";

/** Which of two values of an attribute: the other one is for a change. For "any", an id is made on the spot. */
export type Which = "first" | "other" | "any";

/** Where a value stands: a command has the typed text of a secret, an event the sealed one. */
export type Where = "command" | "event";

/** The values of a message for a test, as code: `{ name: "A name" }`. Undefined if nobody can know what its rules allow. */
export function samplesOf(
  tree: Tree,
  attributes: readonly Attribute[],
  where: Where,
  which: Which = "first",
): string | undefined {
  const samples = attributes.map(
    ({ name, type }) => [name, sampleOf(tree, name, type, where, which)] as const,
  );
  if (samples.some(([, sample]) => sample === undefined)) return undefined;
  return `{ ${samples.map(([name, sample]) => (name === sample ? name : `${name}: ${sample}`)).join(", ")} }`;
}

/** One value, as code. */
export function sampleOf(
  tree: Tree,
  name: string,
  type: Type,
  where: Where,
  which: Which,
): string | undefined {
  const { word, of, names, rules } = bare(type);
  const bounds = boundsOf(rules);
  if (!bounds) return undefined;
  const isFirst = which !== "other";
  switch (word) {
    case "list": {
      const element = of && sampleOf(tree, singular(name), of, where, which);
      return element && `[${element}]`;
    }
    case "object": {
      const [className = ""] = names;
      const values = samplesOf(tree, valueObject(tree, className).attributes, where, which);
      return values && `new ${className}(${values})`;
    }
    case "string":
    case "text":
      return JSON.stringify(textFor(name, bounds, isFirst));
    case "secret": {
      const text = JSON.stringify(textFor(name, bounds, isFirst));
      return where === "command" ? text : `await sealSecret(${text})`;
    }
    case "integer":
      return String(numberIn(bounds, isFirst));
    case "decimal":
      return JSON.stringify(decimalIn(bounds, isFirst));
    case "email":
      return isFirst ? '"ann@example.com"' : '"ben@example.com"';
    case "boolean":
      return String(isFirst);
    case "date":
      return isFirst ? '"2026-11-20"' : '"2026-11-21"';
    case "time":
      return `new Date("2026-11-${isFirst ? 20 : 21}T09:00:00.000Z")`;
    case "oneOf":
      return JSON.stringify(isFirst ? names[0] : (names[1] ?? names[0]));
    case "uuid":
    case "reference":
      return which === "any" ? "newId()" : idName(name, which);
    default:
      return undefined;
  }
}

function textFor(name: string, { least, most }: Bounds, isFirst: boolean): string {
  const text = `${isFirst ? "The" : "Another"} ${new Words(name).text}`;
  const long = text.padEnd(Math.min(least, 10_000), "abc");
  return (long.length > most ? (isFirst ? "abcd" : "dcba").repeat(1 + most / 4) : long).slice(
    0,
    Math.max(0, most),
  );
}

function numberIn({ least, most }: Bounds, isFirst: boolean): number {
  const first = Math.max(least, Math.min(most, 12));
  return isFirst ? first : first + (first < most ? 1 : -1);
}

function decimalIn(bounds: Bounds, isFirst: boolean): string {
  const number = numberIn(bounds, isFirst);
  return number < bounds.most ? `${number}.50` : String(number);
}

/** An id in the values of a test. It has a constant, because it stands in the command and in the event. */
export interface SampleId {
  readonly constant: string;
  /** The aggregate that it refers to. */
  readonly aggregate: string | undefined;
}

export function sampleIds(tree: Tree, attributes: readonly Attribute[], which: Which = "first"): SampleId[] {
  return attributes.flatMap(({ name, type }): SampleId[] => {
    const { word, of, names } = bare(type);
    const [named = ""] = names;
    if (word === "list" && of) return sampleIds(tree, [{ name: singular(name), type: of }], which);
    if (word === "object") return sampleIds(tree, valueObject(tree, named).attributes, which);
    if (word !== "uuid" && word !== "reference") return [];
    return [{ constant: idName(name, which), aggregate: word === "reference" ? named : undefined }];
  });
}

function idName(name: string, which: Which): string {
  return which === "other" ? new Words(`another ${new Words(name).text}`).camel : name;
}

/** Good enough for a text in a test: the tag of `tags`. */
export function singular(name: string): string {
  return name.replace(/(?<=[^s])s$/, "");
}
