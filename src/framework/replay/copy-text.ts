import { instantTexts } from "../attributes/serialization.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";

/** Rows in the format of COPY, in large pieces. */
export function* copyText(rows: Iterable<Values>, { columns }: Table): Generator<string> {
  const names = Object.keys(columns);
  const toTexts = Object.values(columns).map(({ toText }) => toText);
  const timeText = instantTexts(); // neighbouring rows mostly have the same time
  let piece = "";
  for (const row of rows) {
    for (let place = 0; place < names.length; place += 1) {
      const value = row[names[place] ?? ""];
      if (place > 0) piece += "\t";
      if (value === null || value === undefined) piece += "\\N";
      else if (value instanceof Date) piece += timeText(value);
      else piece += escaped(toTexts[place]?.(value) ?? String(value));
    }
    piece += "\n";
    if (piece.length > 65_536) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

function escaped(text: string): string {
  if (!special.test(text)) return text;
  // Several replacements are faster than a function for each character.
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}

const special = /[\\\n\r\t]/;
