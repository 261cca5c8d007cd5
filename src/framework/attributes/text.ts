import { NotStorable } from "./attribute.ts";

const unstorable = /[\p{Cc}\uFFFD\u2028\u2029]/u;
const unstorableInLines = /[^\P{Cc}\n\t]|\uFFFD/u;

/** More marks on one letter than Unicode's Stream-Safe Text Format allows; their normalisation takes quadratic time. */
const heapOfMarks = /\p{M}{31}/u;

/**
 * Text is normalised here, once, when it enters: the same letters are the same code points (NFC) and a
 * line ends with \n. What Postgres cannot store (NUL, half of a surrogate pair) and what only does harm
 * (control characters, the traces of broken UTF-8) gives undefined.
 */
export function cleanText(text: string, { lines }: { lines: boolean }): string | undefined {
  if (!text.isWellFormed() || heapOfMarks.test(text)) return undefined;
  const clean = lines ? text.replace(/\r\n?/g, "\n").normalize() : text.normalize().trim();
  return (lines ? unstorableInLines : unstorable).test(clean) ? undefined : clean;
}

/** The last line of defence, for texts that never passed an edge: what Postgres refuses is refused before it. */
export function storableText(text: string): string {
  if (typeof text !== "string") throw new NotStorable(text, "not a string");
  if (text.includes("\0")) throw new NotStorable(text, "a text with a NUL character");
  if (!text.isWellFormed()) throw new NotStorable(text, "a text with half of a surrogate pair");
  return text;
}
