import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packages } from "../programs.ts";
import { nameOf, type Step } from "./chapters.ts";
import { closingAfter } from "./closing.ts";
import type { Missing, Position } from "./position.ts";
import { pathsIn } from "./project.ts";
import type { Reader } from "./reader.ts";
import { freePorts, Terminal } from "./terminal.ts";

/** Says where a reader is in the tutorial, and what is missing. Returns whether all is well. */
export async function checkReader(reader: Reader): Promise<boolean> {
  const position = await reader.position();
  const { step, next, others, missing, begun, moved } = position;
  if (others.length === 0) return asTold(reader, position);
  if (missing.length === 0 && begun.length > 0 && next) return incomplete(next, begun);
  const must = missing.filter(({ mayDiffer }) => !mayDiffer);
  if (must.length > 0) return incomplete(must[0]?.step ?? step, must);
  const commands = [
    "npm run types",
    ...relatedTests(reader.folder, others),
    ...testsFor(reader.steps, step, missing),
  ];
  const failure = await failureOf(reader.folder, commands);
  if (failure === undefined) {
    console.log(`Your files differ from those at the end of ${nameOf(step)}, but these are green:

  ${commands.join("\n  ")}

${[...moved, ...missing].map(({ words }) => `  - ${words}\n`).join("")}${differing(position)}
If you meant it, go on. If not, make it as it is told.

${toDo(position)}`);
    return true;
  }
  if (missing.length > 0) incomplete(missing[0]?.step ?? step, missing);
  else if (moved.length > 0) incomplete(moved[0]?.step ?? step, moved);
  else console.error(`Your files are near to those at the end of ${nameOf(step)}.\n${differing(position)}`);
  console.error(`\n${failure}`);
  return false;
}

/** Files may be as told, and yet an import be spelt in a way that the compiler refuses. */
async function asTold({ folder }: Reader, position: Position): Promise<boolean> {
  const { step, lastSeen } = position;
  const failure = await failureOf(folder, ["npm run types"]);
  if (failure === undefined)
    console.log(
      `Your files are as they are ${lastSeen ? `at the end of ${nameOf(lastSeen)}` : "in a new project"}, and the types are right. No test was run.\n\n${toDo(position)}`,
    );
  else
    console.error(
      `Your files have all that ${nameOf(step)} tells, but the types are not right.\n\n${failure}`,
    );
  return failure === undefined;
}

function incomplete(step: Step, missing: readonly Missing[]): false {
  const [first] = missing;
  const more = missing.slice(1, 6).map(({ words }) => `  - ${words}`);
  console.error(`${nameOf(step)} is not complete. What is missing first:

  ${first?.words}

It is told in ${step.page}, line ${first?.act.line}:

  ${first?.act.sentence}
${more.length > 0 ? `\nThen:\n${more.join("\n")}${missing.length > 6 ? `\n  - and ${missing.length - 6} more` : ""}\n` : ""}
npm run tutorial -- diff ${step.name} shows all that differs. npm run tutorial -- goto ${step.name} writes the files of the step.`);
  return false;
}

/** Runs commands on a copy. Returns the output of the first that fails. */
async function failureOf(folder: string, commands: readonly string[]): Promise<string | undefined> {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "tutorial-check-")));
  const terminal = new Terminal(copy, await freePorts());
  const close = async () => {
    await terminal.close();
    rmSync(copy, { recursive: true, force: true });
  };
  return closingAfter(close, async () => {
    for (const path of pathsIn(folder)) cpSync(join(folder, path), join(copy, path));
    symlinkSync(packages, join(copy, "node_modules"), "junction");
    for (const line of commands) {
      const { code, output } = await terminal.run(line);
      if (code !== 0) return `${line} fails:\n${output.trimEnd().split("\n").slice(0, 40).join("\n")}`;
    }
    return undefined;
  });
}

/** Those of the steps in question, or of the last one before that has some. */
function testsFor(steps: readonly Step[], step: Step, missing: readonly Missing[]): string[] {
  const upTo = steps.slice(0, steps.indexOf(step) + 1);
  const asked = upTo.filter((each) => each === step || missing.some((one) => one.step === each));
  const tests = asked.flatMap(testsOf);
  return [...new Set(tests.length > 0 ? tests : upTo.map(testsOf).findLast(({ length }) => length > 0))];
}

function testsOf({ acts }: Step): string[] {
  const runs = acts.flatMap((act) =>
    act.kind === "run" && !act.fails ? act.commands.map(({ line }) => line) : [],
  );
  return runs.filter((line) => /^npm test -- /.test(line));
}

function differing({ others, step }: Position): string {
  return `These files differ: ${others.join(", ")}. npm run tutorial -- diff ${step.name} shows how.`;
}

/** Only the reader knows which of the steps that change no file are done. */
function toDo({ unseen, next }: Position): string {
  const last = next ? `${nameOf(next)}, in ${next.page}.` : undefined;
  const [first] = unseen;
  if (!first) return last ? `Next: ${last}` : "That was the last step.";
  const names =
    unseen.length === 1 ? `${first.name} changes` : `${first.name} to ${unseen.at(-1)?.name} change`;
  return `Next: ${nameOf(first)}, in ${first.page}, if you have not done it yet: ${names} no file.
${last ? `Then: ${last}` : "That is the end."}`;
}

/** The tests that use these files, directly or not. */
function relatedTests(folder: string, paths: readonly string[]): string[] {
  const code = paths.filter((path) => path.endsWith(".ts") && existsSync(join(folder, path)));
  return code.length > 0
    ? [`npx vitest related --run --passWithNoTests --project blog ${code.join(" ")}`]
    : [];
}
