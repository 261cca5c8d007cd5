import { instantText } from "../attributes/serialization.ts";
import type { Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";

/** Rows in the format of COPY, in large pieces. */
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

/** Rows next to each other mostly share one Date object. Formatting each again took a tenth of a replay. */
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
  if (!text.isWellFormed()) return "\0"; // a database refuses this; UTF-8 would turn it into another character
  if (!special.test(text)) return text;
  // One replacement after the other is faster than a function for each character.
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}

const special = /[\\\n\r\t]/;
