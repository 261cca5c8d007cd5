import { type Edit, editOf, textsIn } from "./edits.ts";
import { type Part, partsOf } from "./markdown.ts";
import { pageOf, type Visit } from "./visits.ts";

/** What a sentence asks the reader to do. */
export type Act = (Edit | Look | Run | Start | Stop | Watch | Visit) & Told;

interface Told {
  readonly sentence: string;
  /** Of the sentence, in its page. */
  readonly line: number;
}

/** An excerpt of a file. */
export interface Look {
  readonly kind: "look";
  readonly path: string;
  readonly excerpt: string;
}

export interface Command {
  readonly line: string;
  /** What is told of its output; no line if nothing is. */
  readonly output: readonly string[];
}

export interface Run {
  readonly kind: "run";
  readonly commands: readonly Command[];
  readonly fails: boolean;
}

/** A program that goes on running. */
export interface Start {
  readonly kind: "start";
  readonly command: Command;
}

export interface Stop {
  readonly kind: "stop";
  /** Of the program, if another one than the last is meant. */
  readonly program: string | undefined;
}

/** What a program that runs has printed meanwhile; no line if it has printed nothing. */
export interface Watch {
  readonly kind: "watch";
  readonly output: readonly string[];
}

/** Neither in the tutorial nor in its check. */
const verbs =
  /\*\*(Create|In|Replace all of|Delete|Look at|Run|Start|Stop|Open|In the browser|In a second browser|In the (?:second|third) terminal)\*\*/g;
const elsewhere = /^\*\*On your [^*]+\*\*/;

/** A sentence that cannot be followed. */
export class NotFollowed extends Error {
  constructor({ line, sentence }: Told, problem: string) {
    super(`line ${line}: ${sentence}\n${problem}`);
  }
}

/**
 * Reads a page like a person who follows it to the letter. A paragraph that begins with a bold verb is an instruction, often with a
 * block of code below it. All other text is ignored; a block of code without an instruction is an error.
 * README.md has all of the sentences.
 */
export function actsOf(markdown: string): Act[] {
  return actsOfParts(partsOf(markdown));
}

export function actsOfParts(parts: readonly Part[]): Act[] {
  return parts.flatMap((part, index): Act[] => {
    const [before, next, afterNext] = [parts[index - 1], parts[index + 1], parts[index + 2]];
    const told = { sentence: part.text, line: part.line };
    if (part.kind === "code" && !(before && isInstruction(before)))
      throw new NotFollowed(
        { line: part.line, sentence: `\`\`\`\n${part.text}\`\`\`` },
        "A block of code without an instruction before it.",
      );
    if (!isInstruction(part) || elsewhere.test(part.text)) return [];
    const isVisit = /^\*\*(Open|In (the|a second) browser)\*\*/.test(part.text); // a button may be called **Open**
    if (!isVisit && [...part.text.matchAll(verbs)].length > 1)
      throw new NotFollowed(told, "There are two instructions in one paragraph. Begin a new one.");
    const code = next?.kind === "code" ? next.text : undefined;
    const picture = code === undefined ? next : afterNext;
    try {
      const act = actOf(part.text, code, picture?.kind === "picture" ? picture.text : undefined);
      return [{ ...act, ...told }];
    } catch (error) {
      throw new NotFollowed(told, (error as Error).message);
    }
  });
}

function isInstruction({ kind, text }: Part): boolean {
  if (kind !== "text" && kind !== "item") return false;
  return kind === "text" ? text.startsWith("**") : text.search(verbs) === 0 || elsewhere.test(text);
}

function actOf(
  sentence: string,
  code: string | undefined,
  picture: string | undefined,
): Edit | Look | Run | Start | Stop | Watch | Visit {
  const block = (): string => {
    if (code === undefined) throw new Error("No block of code follows.");
    return code;
  };
  const edit = editOf(sentence, code);
  if (edit) return edit;
  if (/^\*\*Look at\*\* `[^`]+`/.test(sentence))
    return { kind: "look", path: textsIn(sentence)[0] ?? "", excerpt: block() };
  if (/^\*\*Run\*\* this(, and see it fail)?:$/.test(sentence)) {
    const run = { commands: commandsIn(block()), fails: sentence.includes("see it fail") };
    if (run.fails && (run.commands.length > 1 || run.commands[0]?.output.length === 0))
      throw new Error("A run that fails has one command, and at least one line of what it prints.");
    return { kind: "run", ...run };
  }
  if (sentence.startsWith("**Start**")) {
    const [command, ...more] = commandsIn(block());
    if (!command || more.length > 0 || command.output.length === 0)
      throw new Error("A start has one command, and the lines that it prints until it is ready.");
    return { kind: "start", command };
  }
  if (sentence.startsWith("**Stop**")) {
    if (code !== undefined) throw new Error("This sentence needs no block of code.");
    return { kind: "stop", program: textsIn(sentence)[0] };
  }
  if (/^\*\*In the (?:second|third) terminal\*\*.*nothing new is printed\.$/.test(sentence))
    return { kind: "watch", output: [] };
  if (/^\*\*In the (?:second|third) terminal\*\*.*:$/.test(sentence))
    return { kind: "watch", output: toldOutput(block().split("\n")) };
  const page = pageOf(sentence, code, picture);
  if (page) return page;
  throw new Error("Not an instruction that is understood.");
}

function commandsIn(block: string): Command[] {
  const [first = "", ...rest] = block.split(/^\$ /m);
  if (first.trim() !== "") throw new Error(`The block must begin with "$ " and a command.`);
  if (rest.length === 0) throw new Error(`The block has no command: begin it with "$ ".`);
  return rest.map((each) => {
    const [line = "", ...output] = each.split("\n");
    return { line: line.trim(), output: toldOutput(output) };
  });
}

/** Only `...` would fit anything. */
function toldOutput(lines: readonly string[]): string[] {
  const told = lines.map((line) => line.trimEnd()).filter(Boolean);
  if (told.length > 0 && told.every((line) => line === "..."))
    throw new Error('Output of nothing but "..." proves nothing. Leave it out, or show a line.');
  return told;
}
