import { addImport, addToList, changeLine, linesOf, PlaceNotFound, replaceOnce } from "../edits.ts";
import {
  hasStill,
  isStillThere,
  type Lack,
  type Lacks,
  lacksImport,
  lacksItem,
  lacksLine,
  lacksReplaced,
} from "./lacks.ts";

/** Changes a file, as a sentence says it. */
export interface Edit {
  readonly kind: "edit";
  readonly path: string;
  /** The block below the sentence. It stands in the file afterwards. */
  readonly code?: string;
  /** The text of the file afterwards, or undefined if it is deleted. */
  apply(before: string | undefined): string | undefined;
  /** What this text of the file lacks of it, in words; undefined if it has all. */
  lacks(text: string | undefined): Lack | undefined;
}

/** The edit of a sentence, or undefined if it is none that is understood. */
export function editOf(sentence: string, code: string | undefined): Edit | undefined {
  const [path = ""] = textsIn(sentence);
  for (const [pattern, make] of grammar) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const { apply, lacks, usesCode = false } = make(found.slice(1), code ?? "");
    if (usesCode && code === undefined) throw new Error("No block of code follows.");
    if (!usesCode && code !== undefined) throw new Error("This sentence needs no block of code.");
    return {
      ...{ kind: "edit", path, apply, lacks: (text) => lacks(path, text) },
      ...(code !== undefined && { code }),
    };
  }
  return undefined;
}

interface Made {
  readonly apply: Edit["apply"];
  readonly lacks: Lacks;
  readonly usesCode?: boolean;
}
type Make = (texts: readonly string[], code: string) => Made;

/** An edit that puts the block of code somewhere. */
const withCode =
  (edit: (before: string, anchor: string, code: string) => string): Make =>
  ([anchor = ""], code) => ({
    usesCode: true,
    lacks: lacksLine(code),
    apply: (before) => edit(existing(before), anchor, code),
  });

const grammar: readonly (readonly [RegExp, Make])[] = [
  [
    /^\*\*Create\*\* `[^`]+`.*:$/,
    (_, code) => ({
      usesCode: true,
      lacks: lacksLine(code),
      apply: (before) => {
        if (before !== undefined) throw new Error("The file is there already.");
        return code;
      },
    }),
  ],
  [/^\*\*Replace all of\*\* `[^`]+` by:$/, withCode((_, __, code) => code)],
  [
    /^\*\*Delete\*\* `[^`]+`/,
    () => ({
      lacks: isStillThere,
      apply: (before) => {
        existing(before);
        return undefined;
      },
    }),
  ],
  [
    /^\*\*In\*\* `[^`]+`, after the line with `([^`]+)`, add:$/,
    withCode((before, anchor, code) => changeLine(before, anchor, (line) => line + code)),
  ],
  [
    /^\*\*In\*\* `[^`]+`, before the line with `([^`]+)`, add:$/,
    withCode((before, anchor, code) => changeLine(before, anchor, (line) => code + line)),
  ],
  [
    /^\*\*In\*\* `[^`]+`, at the end, add:$/,
    withCode((before, _, code) => `${before}${code.startsWith("\n") ? "" : "\n"}${code}`),
  ],
  [
    /^\*\*In\*\* `[^`]+`, replace the line with `([^`]+)` by:$/,
    withCode((before, anchor, code) => changeLine(before, anchor, () => code)),
  ],
  [/^\*\*In\*\* `[^`]+`, replace the block that begins with `([^`]+)` by:$/, withCode(replaceBlock)],
  [
    /^\*\*In\*\* `[^`]+`, remove the line with `([^`]+)`/,
    ([anchor = ""]) => ({
      lacks: hasStill(anchor),
      apply: (before) => changeLine(existing(before), anchor, () => ""),
    }),
  ],
  [
    /^\*\*In\*\* `[^`]+`, remove the block that begins with `([^`]+)`/,
    ([anchor = ""]) => ({
      lacks: hasStill(anchor),
      apply: (before) => replaceBlock(existing(before), anchor, ""),
    }),
  ],
  [
    /^\*\*In\*\* `[^`]+`, replace `([^`]+)` by `([^`]+)`/,
    ([from = "", to = ""]) => ({
      lacks: lacksReplaced(from, to),
      apply: (before) => replaceOnce(existing(before), from, to),
    }),
  ],
  [
    /^\*\*In\*\* `[^`]+`, import (`.+`) from `([^`]+)`/,
    ([names = "", from = ""]) => ({
      lacks: lacksImport(textsIn(names), from),
      apply: (before) => addImport(existing(before), textsIn(names), from),
    }),
  ],
  [
    /^\*\*In\*\* `[^`]+`, add `([^`]+)` to the list `([^`]+)`/,
    ([item = "", list = ""]) => ({
      lacks: lacksItem(list, item),
      apply: (before) => addToList(existing(before), list, item),
    }),
  ],
];

/** What stands between backticks. */
export function textsIn(sentence: string): string[] {
  return [...sentence.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? "");
}

function existing(text: string | undefined): string {
  if (text === undefined) throw new Error("There is no such file.");
  return text;
}

/** From the line with the anchor to the last one that is indented deeper, and the one that closes it. */
function replaceBlock(before: string, anchor: string, code: string): string {
  const lines = linesOf(before);
  const found = lines.filter((line) => line.includes(anchor)).length;
  if (found !== 1) throw new PlaceNotFound(anchor, found);
  const first = lines.findIndex((line) => line.includes(anchor));
  return [...lines.slice(0, first), code, ...lines.slice(endOfBlock(lines, first))].join("");
}

function endOfBlock(lines: readonly string[], first: number): number {
  const depth = depthOf(lines[first] ?? "");
  let end = first + 1;
  for (let at = end; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") continue;
    const closes = depthOf(line) === depth && /^\s*([)\]}]|<\/|<%\s*\})/.test(line);
    if (depthOf(line) <= depth && !closes) break;
    end = at + 1;
    if (closes && !/[({[]\s*(%>)?\s*$/.test(line)) break;
  }
  return end;
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}
