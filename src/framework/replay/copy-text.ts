import { instantText } from "../attributes/serialization.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";

/** Rows as COPY takes them, in pieces that are large enough to be worth sending. */
export function* copyText(rows: Iterable<Values>, { columns }: Table): Generator<string> {
  const names = Object.keys(columns);
  const toTexts = Object.values(columns).map(({ toText }) => toText);
  let piece = "";
  for (const row of rows) {
    for (let place = 0; place < names.length; place += 1) {
      const value = row[names[place] as string];
      const toText = toTexts[place];
      const text = toText && value !== null && value !== undefined ? toText(value) : value;
      piece += (place === 0 ? "" : "\t") + textOf(text);
    }
    piece += "\n";
    if (piece.length > 65_536) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

function textOf(value: unknown): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) return "\0"; // which a database refuses; UTF-8 would make another character of it
    return special.test(value) ? escaped(value) : value;
  }
  if (value === null || value === undefined) return "\\N";
  return value instanceof Date ? instantText(value) : String(value);
}

const special = /[\\\n\r\t]/;

/** One by one is faster than a function for each character that is found. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}
