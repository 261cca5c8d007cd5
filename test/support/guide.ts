/**
 * Reads a guide as a person does who follows it to the letter. A paragraph that begins with a bold verb is an
 * instruction; the code block below it is what it talks about. All other text is left alone.
 *
 *     **Create** `path`:                                     and the file
 *     **In** `path`, after the line with `anchor`, add:      and the lines; also "before"
 *     **In** `path`, at the end, add:                        and the lines
 *     **In** `path`, replace the line with `anchor` by:      and the lines
 *     **In** `path`, replace the block that begins with `anchor` by:   a block ends where its indentation does
 *     **In** `path`, replace `this` by `that`.
 *     **In** `path`, import `A`, `B` from `module`.
 *     **In** `path`, add `name` to the list `list`.
 *     **Run** this:                                          and the commands, each after a "$ "
 */
export type Step = Edit | Commands;

interface Edit {
  readonly sentence: string;
  readonly path: string;
  /** The text of the file afterwards. */
  apply(before: string | undefined): string;
}

interface Commands {
  readonly sentence: string;
  readonly commands: readonly string[];
}

/** The steps of a guide in their order. Throws where an instruction is not understood, or a block has none. */
export function stepsOf(markdown: string): Step[] {
  const parts = partsOf(markdown);
  return parts.flatMap((part, index): Step[] => {
    const block = parts[index + 1];
    if (part.kind === "code") {
      const before = parts[index - 1];
      if (before?.kind !== "text" || !isInstruction(before.text))
        throw new Error(`A block of code without an instruction before it:\n${part.text}`);
      return [];
    }
    return isInstruction(part.text)
      ? [stepOf(part.text, block?.kind === "code" ? block.text : undefined)]
      : [];
  });
}

/** The files that a guide changes, as they are when all of its edits are made. `read` gives those of the project. */
export function filesAfter(
  steps: readonly Step[],
  read: (path: string) => string | undefined,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const step of steps) {
    if (!("path" in step)) continue;
    try {
      files.set(step.path, step.apply(files.get(step.path) ?? read(step.path)));
    } catch (error) {
      throw new Error(`${step.sentence}\n${(error as Error).message}`, { cause: error });
    }
  }
  return files;
}

interface Part {
  readonly kind: "text" | "code";
  readonly text: string;
}

/** Paragraphs and blocks of code, also where they are indented below an item of a list. */
function partsOf(markdown: string): Part[] {
  const parts: Part[] = [];
  let paragraph: string[] = [];
  let fence: { readonly indent: string; readonly lines: string[] } | undefined;
  const endParagraph = () => {
    if (paragraph.length > 0) parts.push({ kind: "text", text: paragraph.join(" ") });
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    const [, indent = "", isFence] = /^(\s*)(```)?/.exec(line) ?? [];
    if (fence) {
      if (isFence) {
        parts.push({ kind: "code", text: fence.lines.map((each) => `${each}\n`).join("") });
        fence = undefined;
      } else
        fence.lines.push(line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line.trimStart());
    } else if (isFence) {
      endParagraph();
      fence = { indent, lines: [] };
    } else if (line.trim() === "") endParagraph();
    else paragraph.push(line.trim().replace(/^\d+\. |^- /, ""));
  }
  endParagraph();
  return parts;
}

function isInstruction(text: string): boolean {
  return /^\*\*(Create|In|Run)\*\*/.test(text);
}

function stepOf(sentence: string, code: string | undefined): Step {
  const wanted = (): string => {
    if (code === undefined) throw new Error(`No block of code follows: ${sentence}`);
    return code;
  };
  if (sentence.startsWith("**Run**")) return { sentence, commands: commandsIn(wanted()) };
  const path = textsIn(sentence)[0] ?? "";
  for (const [pattern, edit] of grammar) {
    const found = pattern.exec(sentence);
    if (found) return { sentence, path, apply: edit(found[1] ?? "", wanted, sentence) };
  }
  throw new Error(`Not an instruction that is understood: ${sentence}`);
}

type MakeEdit = (anchor: string, code: () => string, sentence: string) => Edit["apply"];

/** An edit that puts the block of code below it somewhere. */
const withCode =
  (edit: (before: string | undefined, code: string, anchor: string) => string): MakeEdit =>
  (anchor, code) => {
    const text = code();
    return (before) => edit(before, text, anchor);
  };

const grammar: readonly (readonly [RegExp, MakeEdit])[] = [
  [
    /^\*\*Create\*\* `[^`]+`/,
    withCode((before, code) => {
      if (before !== undefined) throw new Error("The file is there already.");
      return code;
    }),
  ],
  [
    / after the line with `([^`]+)`, add:$/,
    withCode((before, code, anchor) => aroundLine(before, anchor, (line) => line + code)),
  ],
  [
    / before the line with `([^`]+)`, add:$/,
    withCode((before, code, anchor) => aroundLine(before, anchor, (line) => code + line)),
  ],
  [/ at the end, add:$/, withCode((before, code) => existing(before) + code)],
  [
    / replace the line with `([^`]+)` by:$/,
    withCode((before, code, anchor) => aroundLine(before, anchor, () => code)),
  ],
  [
    / replace the block that begins with `([^`]+)` by:$/,
    withCode((before, code, anchor) => replaceBlock(existing(before), anchor, code)),
  ],
  [
    / replace `([^`]+)` by `[^`]+`/,
    (anchor, _, sentence) => {
      const [, , by = ""] = textsIn(sentence);
      return (before) => {
        only(existing(before).split(anchor).length - 1, anchor);
        return existing(before).replace(anchor, () => by);
      };
    },
  ],
  [
    / import (`.+`) from `[^`]+`/,
    (_, __, sentence) => {
      const names = textsIn(sentence).slice(1, -1);
      const from = textsIn(sentence).at(-1) ?? "";
      return (before) => withImport(existing(before), names, from);
    },
  ],
  [
    / add `[^`]+` to the list `([^`]+)`/,
    (list, _, sentence) => {
      const [, added = ""] = textsIn(sentence);
      return (before) => {
        const pattern = new RegExp(`(\\b${list}\\b[^\\n=]*= \\[)([^\\]]*?)(,?\\s*)\\]`, "g");
        only([...existing(before).matchAll(pattern)].length, list);
        return existing(before).replace(
          pattern,
          (_all, start, items) => `${start}${items}${items.trim() ? ", " : ""}${added}]`,
        );
      };
    },
  ],
];

function textsIn(sentence: string): string[] {
  return [...sentence.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? "");
}

function commandsIn(code: string): string[] {
  return code.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : []));
}

function existing(text: string | undefined): string {
  if (text === undefined) throw new Error("There is no such file.");
  return text;
}

function only(found: number, anchor: string): void {
  if (found !== 1) throw new Error(`\`${anchor}\` is found ${found} times; it must be found once.`);
}

function aroundLine(before: string | undefined, anchor: string, change: (line: string) => string): string {
  const lines = existing(before).split(/(?<=\n)/);
  only(lines.filter((line) => line.includes(anchor)).length, anchor);
  return lines.map((line) => (line.includes(anchor) ? change(line) : line)).join("");
}

/** From the line with the anchor to the last one that is indented deeper, and the one that closes it. */
function replaceBlock(before: string, anchor: string, code: string): string {
  const lines = before.split(/(?<=\n)/);
  only(lines.filter((line) => line.includes(anchor)).length, anchor);
  const first = lines.findIndex((line) => line.includes(anchor));
  const depth = depthOf(lines[first] ?? "");
  const rest = lines.slice(first + 1);
  const last = rest.findIndex((line) => line.trim() !== "" && depthOf(line) <= depth);
  const after = rest.slice(last + 1);
  return [...lines.slice(0, first), code, ...after].join("");
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The formatter puts imports in order. */
function withImport(before: string, names: readonly string[], from: string): string {
  const known = new RegExp(`import \\{([^}]*)\\} from "${from.replace(/[.*+?^$()|[\]\\/]/g, "\\$&")}";`);
  if (!known.test(before)) return `import { ${names.join(", ")} } from "${from}";\n${before}`;
  return before.replace(known, (_all, present: string) => {
    const all = [...present.split(",").map((name) => name.trim()), ...names].filter(Boolean);
    return `import { ${[...new Set(all)].join(", ")} } from "${from}";`;
  });
}
