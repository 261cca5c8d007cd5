import type { Act } from "./acts.ts";
import type { Step } from "./chapters.ts";
import { type Lack, lacksFile, plain, plainLines, plainText } from "./lacks.ts";

type Texts = ReadonlyMap<string, string>;

/** Where a reader is in the tutorial. */
export interface Position {
  /** The last step whose files are as near to the reader's as can be. */
  readonly step: Step;
  /** The steps up to that one that change no file. Nobody knows which of them the reader has done. */
  readonly unseen: readonly Step[];
  /** The step before those, if there is one. */
  readonly lastSeen: Step | undefined;
  readonly next: Step | undefined;
  /** The files after the step, not formatted. */
  readonly state: Texts;
  /** The files that are others than after the step, of those that the tutorial changes. */
  readonly others: readonly string[];
  /** What the reader's files lack of it and of those before. */
  readonly missing: readonly Missing[];
  /** If some of the next step is done: what is missing of it. */
  readonly begun: readonly Missing[];
  /** Blocks that are there, but among other lines than told. */
  readonly moved: readonly Missing[];
}

export interface Missing extends Lack {
  readonly step: Step;
  readonly act: Act;
}

/** @param states the files after each step. */
export function positionOf(
  steps: readonly Step[],
  base: Texts,
  states: readonly Texts[],
  reader: Texts,
): Position {
  const touched = touchedBy(base, states);
  const distances = states.map((state) =>
    touched.reduce((sum, path) => sum + distance(state.get(path), reader.get(path)), 0),
  );
  const index = distances.lastIndexOf(Math.min(...distances));
  const [step, state] = [steps[index], states[index]];
  if (!step || !state) throw new Error("The tutorial has no step.");
  const changed = states.findLastIndex((each, at) => at <= index && !same(each, states[at - 1] ?? base));
  const demands = steps.map((each, at) => demandsOf(each, states[at - 1] ?? base, states[at] ?? base));
  const asked = demands.slice(0, index + 1).flat();
  const next = demands[index + 1]?.filter(({ lacks }) => lacks(state)) ?? [];
  return {
    ...{ step, next: steps[index + 1], state },
    ...{ lastSeen: steps[changed], unseen: steps.slice(changed + 1, index + 1) },
    moved: movedOf(steps.slice(0, index + 1), state, reader),
    others: touched.filter((path) => distance(state.get(path), reader.get(path)) > 0),
    missing: missingOf(
      asked.filter(({ lacks }) => !lacks(state)),
      reader,
    ),
    begun: next.some(({ lacks }) => !lacks(reader)) ? missingOf(next, reader) : [],
  };
}

/** The line before a block and the one after it are both others than told. */
function movedOf(steps: readonly Step[], state: Texts, reader: Texts): Missing[] {
  return steps.flatMap((step) =>
    step.acts.flatMap((act): Missing[] => {
      if (act.kind !== "edit" || act.code === undefined) return [];
      const [told, yours] = [placeOf(act.code, state.get(act.path)), placeOf(act.code, reader.get(act.path))];
      if (!told || !yours || told.before === yours.before || told.after === yours.after) return [];
      const [first = ""] = act.code.trim().split("\n");
      return [
        {
          step,
          act,
          words: `${act.path} has the lines from \`${first}\` on, but not at the place that is told.`,
        },
      ];
    }),
  );
}

/** The lines around a block, if it is there once. */
function placeOf(code: string, text = ""): { before: string; after: string } | undefined {
  const lines = text.split("\n").map(plain).filter(Boolean);
  const block = code.split("\n").map(plain).filter(Boolean);
  const places = lines.flatMap((_, at) =>
    block.every((line, index) => lines[at + index] === line) ? [at] : [],
  );
  const [at = 0] = places;
  if (block.length === 0 || places.length !== 1) return undefined;
  return { before: lines[at - 1] ?? "", after: lines[at + block.length] ?? "" };
}

function same(one: Texts, other: Texts): boolean {
  return one.size === other.size && [...one].every(([path, text]) => other.get(path) === text);
}

/** The paths of all files that the tutorial changes. */
export function touchedBy(base: Texts, states: readonly Texts[]): string[] {
  const paths = new Set([base, ...states].flatMap((state) => [...state.keys()]));
  return [...paths].filter((path) => states.some((state) => state.get(path) !== base.get(path))).sort();
}

/** What a step asks for. */
interface Demand {
  readonly step: Step;
  readonly act: Act;
  lacks(texts: Texts): Lack | undefined;
}

function missingOf(demands: readonly Demand[], reader: Texts): Missing[] {
  return demands.flatMap(({ step, act, lacks }) => {
    const lack = lacks(reader);
    return lack ? [{ ...lack, step, act }] : [];
  });
}

function demandsOf(step: Step, before: Texts, after: Texts): Demand[] {
  return step.acts.flatMap((act): Demand[] => {
    if (act.kind === "edit") return [{ step, act, lacks: (texts) => act.lacks(texts.get(act.path)) }];
    if (act.kind !== "run" || !act.commands.some(({ line }) => line.startsWith("npm run generate")))
      return [];
    const made = [...after.keys()].filter((path) => !before.has(path));
    return made.map((path) => ({ step, act, lacks: (texts) => lacksFile(path, texts.get(path)) }));
  });
}

/** In how many lines two texts differ, whatever their format. */
export function distance(one = "", other = ""): number {
  if (one === other) return 0;
  if (plainText(one) === plainText(other)) return 0;
  const [a, b] = [plainLines(one), plainLines(other)];
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of b) counts.set(line, (counts.get(line) ?? 0) - 1);
  return Math.max(
    1,
    [...counts.values()].reduce((sum, count) => sum + Math.abs(count), 0),
  );
}
