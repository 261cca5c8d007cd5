import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "./chapters.ts";

/** The tutorial with one change. */
export interface Mutant {
  readonly step: Step;
  readonly words: string;
  /** The page of the step. */
  readonly page: string;
  /** Changes of files of the project. */
  readonly files: ReadonlyMap<string, (text: string) => string>;
}

const doorOfTheFramework = "src/framework/index.ts";

/** As many as asked for, one in four of a name of the framework. The same seed gives the same. */
export function mutantsOf(root: string, steps: readonly Step[], seed: number, count: number): Mutant[] {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const lines = steps.flatMap((step) => linesOf(root, step));
  const names = steps.flatMap((step) => namesOf(root, step));
  return Array.from({ length: count }, (_, index) =>
    index % 4 === 3 && names.length > 0 ? renamed(pick(names)) : changed(pick(lines), random),
  );
}

interface Line {
  readonly step: Step;
  readonly page: string;
  readonly number: number;
  readonly text: string;
  /** Code may lose a line. Of what is printed or seen, less would be true as well. */
  readonly isCode: boolean;
}

/** The lines of its blocks that have a word, apart from comments and from blocks that are not run. */
function linesOf(root: string, step: Step): Line[] {
  const page = readFileSync(join(root, step.page), "utf8");
  const all = page.split("\n");
  const first = all.findIndex((line) => line.startsWith(`## ${step.name} `));
  const next = all.findIndex((line, index) => index > first && line.startsWith("## "));
  const lines: Line[] = [];
  let language: string | undefined;
  let isRun = true;
  for (const [index, text] of all.slice(0, next === -1 ? all.length : next).entries()) {
    const fence = /^\s*```(\w*)/.exec(text);
    if (language === undefined && text.startsWith("**")) isRun = !text.startsWith("**On your ");
    if (fence) language = language === undefined ? fence[1] : undefined;
    else if (
      index > first &&
      isRun &&
      language !== undefined &&
      /[A-Za-z]{3}/.test(text) &&
      !/^\s*(\/\/|\*|\/\*|<%#)/.test(text)
    )
      lines.push({ step, page, number: index + 1, text, isCode: !/^(console|text)$/.test(language) });
  }
  return lines;
}

function changed({ step, page, number, text, isCode }: Line, random: () => number): Mutant {
  const words = [...text.matchAll(/[A-Za-z]{3,}/g)];
  const word = words[Math.floor(random() * words.length)];
  const isDropped = isCode && random() < 0.4;
  const at = word?.index ?? 0;
  const other = `${text.slice(0, at)}${word?.[0]}x${text.slice(at + (word?.[0].length ?? 0))}`;
  const all = page.split("\n");
  all.splice(number - 1, 1, ...(isDropped ? [] : [other]));
  const what = isDropped ? `without: ${text.trim()}` : `${text.trim()}  →  ${other.trim()}`;
  return { step, page: all.join("\n"), words: `${step.name}, line ${number}: ${what}`, files: new Map() };
}

interface Name {
  readonly step: Step;
  readonly page: string;
  readonly name: string;
}

/** The names that the blocks of a step import from the framework. */
function namesOf(root: string, step: Step): Name[] {
  const page = readFileSync(join(root, step.page), "utf8");
  const doors = readFileSync(join(root, doorOfTheFramework), "utf8").matchAll(/\{([^}]*)\}/g);
  const exported = [...doors].flatMap(([, list = ""]) => list.match(/\w+/g) ?? []);
  const blocks = step.acts
    .map((act) => (act.kind === "edit" ? `${act.sentence} ${act.code ?? ""}` : ""))
    .join("\n");
  return exported.flatMap((name) =>
    name !== "type" && new RegExp(`\\b${name}\\b`).test(blocks) ? [{ step, page, name }] : [],
  );
}

function renamed({ step, page, name }: Name): Mutant {
  const change = (text: string) =>
    text.replace(new RegExp(`\\b${name}\\b(?=,| }|\\n)`), `${name} as ${name}x`);
  return {
    ...{ step, page, words: `${step.name}: the framework exports ${name} as ${name}x` },
    files: new Map([[doorOfTheFramework, change]]),
  };
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
