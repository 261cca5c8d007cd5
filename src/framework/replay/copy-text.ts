import type { Values } from "../persistor/row-change.ts";
import { instantText } from "../serialization.ts";

/** Rows as COPY takes them, in pieces that are large enough to be worth sending. */
export function* copyText(rows: Iterable<Values>, columns: readonly string[]): Generator<string> {
  let piece = "";
  for (const row of rows) {
    for (let place = 0; place < columns.length; place += 1) {
      piece += (place === 0 ? "" : "\t") + textOf(row[columns[place] as string]);
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
  if (typeof value === "string") return special.test(value) ? escaped(value) : value;
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
