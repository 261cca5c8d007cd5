import { AggregateRoot } from "#sequent";
import { addInside, PlaceNotFound } from "../edits.ts";
import { codeOf } from "../source.ts";
import { type Attribute, declarationOf } from "./attributes.ts";

/** Adds to the state of an aggregate: `AggregateRoot("Author", { name: string() })`. */
export function addState(text: string, attributes: readonly Attribute[]): string {
  if (attributes.length === 0) return text;
  const found = [...codeOf(text).matchAll(/\bextends AggregateRoot\("_+"(\)|, \{)/g)];
  const [first] = found;
  if (found.length !== 1 || !first) throw new PlaceNotFound("extends AggregateRoot(", found.length);
  const end = first.index + first[0].length - 1;
  const code = declarationOf(attributes, false);
  if (first[1] === ")") return text.slice(0, end) + code + text.slice(end);
  return addInside(text, end, code.replace(/^, \{ | \}$/g, ""));
}

/** Adds a method before the getters and the handlers, which come last in an aggregate. */
export function addMethod(text: string, method: string): string {
  const places = [
    ...text.matchAll(
      /^(?: {2}(?:\/\*\*|\/\/|\*| \*).*\n)*? {2}(?:override get |(?:override )?readonly handlers\b)/gm,
    ),
  ];
  const [first] = places;
  if (!first) throw new PlaceNotFound("readonly handlers", 0);
  return `${text.slice(0, first.index)}${method}\n${text.slice(first.index)}`;
}

/** True if the aggregate has something of this name already. */
export function hasMember(text: string, name: string): boolean {
  const own = new RegExp(`^  (?:static |override |readonly |get |async |protected )*${name}\\b`, "m");
  return own.test(text) || name === "id" || name === "handlers" || name in AggregateRoot("Probe").prototype;
}
