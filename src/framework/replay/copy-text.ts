import { instantText } from "../attributes/serialization.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";

/** Rows as COPY takes them, in pieces that are large enough to be worth sending. */
export function* copyText(rows: Iterable<Values>, { columns }: Table): Generator<string> {
  const textsOf = Object.entries(columns).map(([name, { toText }]) => ({
    name,
    toText,
    timeText: timeTexts(),
  }));
  let piece = "";
  for (const row of rows) {
    let separator = "";
    for (const { name, toText, timeText } of textsOf) {
      const value = row[name];
      piece += separator;
      separator = "\t";
      if (value === null || value === undefined) piece += "\\N";
      else if (toText) piece += escaped(toText(value));
      else piece += value instanceof Date ? timeText(value) : escaped(String(value));
    }
    piece += "\n";
    if (piece.length > 65_536) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

/** Neighbours mostly have the same time, as one object. To write each was a tenth of a replay. */
function timeTexts(): (time: Date) => string {
  let last: Date | undefined;
  let text = "";
  return (time) => {
    if (time !== last) text = instantText(time);
    last = time;
    return text;
  };
}

function escaped(text: string): string {
  if (!text.isWellFormed()) return "\0"; // which a database refuses; UTF-8 would make another character of it
  if (!special.test(text)) return text;
  // One by one is faster than a function for each character that is found.
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}

const special = /[\\\n\r\t]/;
