import ejs from "ejs";

/** An engine for Express: EJS, compiled once. */
export function renderTemplate(
  path: string,
  locals: object,
  callback: (error: Error | null, text?: string) => void,
): void {
  ejs.renderFile(path, locals as ejs.Data, { cache: true, escape: escapeHtml }, callback);
}

/**
 * For texts and for attributes, as EJS itself does it, which takes up to forty times as long: a form shows 64 KB three times.
 * Throws where there is no value: a misspelt name, or a column that a query forgot, would leave an empty place.
 */
export function escapeHtml(value: unknown): string {
  if (value === undefined) throw new ValueMissing();
  const text = value === null ? "" : String(value);
  if (!/[&<>"']/.test(text)) return text;
  return text.length > short ? escapeBytes(Buffer.from(text)) : escapeText(text);
}

const short = 1_000;

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&#34;")
    .replaceAll("'", "&#39;");
}

/** A template shows a value that is undefined. EJS adds the template and its line. */
export class ValueMissing extends TypeError {
  constructor() {
    super(
      'A value is undefined. Is a name misspelt, or did a query forget a column? Where a value may be missing, write: value ?? ""',
    );
  }
}

/** Byte by byte, since a text in which every character is escaped would keep `replaceAll` busy for 100 ms a megabyte. */
function escapeBytes(bytes: Buffer): string {
  const escaped = Buffer.allocUnsafe(5 * bytes.length);
  let length = 0;
  for (const byte of bytes) {
    const written = escapes[byte];
    if (written === undefined) escaped[length++] = byte;
    else for (const each of written) escaped[length++] = each;
  }
  return escaped.toString("utf8", 0, length);
}

/** By byte: in UTF-8 these stand for themselves and never within another character. */
const escapes: readonly (Buffer | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const escaped = escapeText(character);
  return escaped === character ? undefined : Buffer.from(escaped);
});
