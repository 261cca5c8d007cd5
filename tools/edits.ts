import { closing, codeOf } from "./source.ts";

/**
 * Edits of a text. Each has one place: where the place is missing or is there twice, nothing is guessed. The formatter puts
 * lines and imports in order afterwards.
 */
export class PlaceNotFound extends Error {
  constructor(place: string, found: number) {
    super(`\`${place}\` is found ${found} times; it must be found once.`);
  }
}

export function replaceOnce(text: string, from: string, to: string): string {
  only(text.split(from).length - 1, from);
  return text.replace(from, () => to);
}

/** Changes the line that has this text in it. */
export function changeLine(text: string, place: string, change: (line: string) => string): string {
  const lines = linesOf(text);
  only(lines.filter((line) => line.includes(place)).length, place);
  return lines.map((line) => (line.includes(place) ? change(line) : line)).join("");
}

export function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** `list = [a]` becomes `list = [a, b]`, and `all: { a }` becomes `all: { a, b }`. */
export function addToList(text: string, list: string, item: string): string {
  const found = [...codeOf(text).matchAll(new RegExp(`\\b${list}(?::|\\b[^\\n=]*=) [[{]`, "g"))];
  only(found.length, list);
  const [first] = found;
  return addInside(text, (first?.index ?? 0) + (first?.[0].length ?? 1) - 1, item);
}

/** Adds an item before the bracket that closes the one at `open`. */
export function addInside(text: string, open: number, item: string): string {
  const code = codeOf(text);
  const close = closing(code, open);
  const items = code.slice(open + 1, close).trimEnd();
  const end = open + 1 + items.length;
  const comma = items === "" || items.endsWith(",") ? "" : ",";
  const between = text.slice(end, close);
  const space = items === "" || /\s$/.test(between) ? "" : " ";
  return `${text.slice(0, end)}${comma}${between}${space}${item}${text.slice(close)}`;
}

/** Names and the file that they come from. */
export type Import = readonly [names: readonly string[], from: string];

export function addImports(text: string, imports: readonly Import[]): string {
  return imports.reduce((before, [names, from]) => addImport(before, names, from), text);
}

/** A name may begin with "type ". */
export function addImport(text: string, names: readonly string[], from: string): string {
  const escaped = from.replace(/[.*+?^$()|[\]\\/]/g, "\\$&");
  const known = new RegExp(`^import (type )?\\{([^}]*)\\} from "${escaped}";$`, "m");
  const [statement, isType, present = ""] = known.exec(text) ?? [];
  const before = present
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const all = [...before.map((name) => (isType ? `type ${name}` : name)), ...names];
  const wanted = [...new Set(all)].filter(
    (name) => !all.includes(name.replace(/^type /, "")) || !name.startsWith("type "),
  );
  const areTypes = wanted.every((name) => name.startsWith("type "));
  const list = areTypes ? wanted.map((name) => name.replace(/^type /, "")) : wanted;
  const line = `import ${areTypes ? "type " : ""}{ ${list.join(", ")} } from "${from}";`;
  if (names.length === 0) return text;
  if (statement !== undefined) return text.replace(statement, () => line);
  return text.replace(/^(?=import )|^(?![\s\S]*^import )/m, () => `${line}\n`);
}

function only(found: number, place: string): void {
  if (found !== 1) throw new PlaceNotFound(place, found);
}
