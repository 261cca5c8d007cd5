import type { Values } from "../persistor/row-change.ts";

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
  if (typeof value === "string") return special.test(value) ? value.replace(all, escaped) : value;
  if (value === null || value === undefined) return "\\N";
  return value instanceof Date ? timeText(value) : String(value);
}

let lastTime: Date | undefined;
let lastText = "";

/** Rows of one command have the same object for their time. */
function timeText(time: Date): string {
  if (time !== lastTime) {
    lastTime = time;
    lastText = time.toISOString();
  }
  return lastText;
}

const special = /[\\\n\r\t]/;
const all = /[\\\n\r\t]/g;
function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  return character === "\t" ? "\\t" : "\\\\";
}
