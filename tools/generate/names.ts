import { Refused } from "../../src/bin/command.ts";
import { codeOf } from "../source.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";

const reserved =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield";

/** The files of an aggregate use these names themselves. */
const ours =
  "added aggregateId at changed command commandId commands createdAt event events expect given handler handlers modules noon queries row rows state test then values view views when";

export function isReserved(name: string): boolean {
  return reserved.split(" ").includes(name);
}

/** The name of a new aggregate. */
export function aggregateName(tree: Tree, typed: string): Words {
  const words = wordsOf(typed, "an aggregate", "Author");
  const { pascal, camel } = words;
  refuseForeignName(tree, pascal);
  refuseForeignName(tree, camel);
  if (ours.split(" ").includes(camel)) refuse(pascal, `its files use the name "${camel}" already`);
  return words;
}

/** The name of a new command or event. */
export function messageName(tree: Tree, typed: string, kind: "a command" | "an event"): string {
  const { pascal } = wordsOf(typed, kind, kind === "a command" ? "RenameAuthor" : "AuthorNameSet");
  refuseForeignName(tree, pascal);
  refuseSaved(tree, pascal);
  return pascal;
}

/** The name of a new workflow, without "Workflow" at its end. */
export function workflowName(typed: string): Words {
  return wordsOf(typed.replace(/(?<=.)-?workflow$/i, ""), "a workflow", "Welcome");
}

/** A name that is stored, such as `Event("AuthorAdded")`, belongs to one class. */
export function refuseSaved(tree: Tree, ...names: readonly string[]): void {
  for (const name of names) {
    const saved = new RegExp(
      `^(?:export )?class (?:${name}\\b|\\w+ extends \\w+\\(\\s*"${name}")|^export const \\w+ = table\\(\\s*"${name}"`,
      "m", // comments and messages have examples, whose names are free
    );
    const file = tree.paths("src/").find((path) => saved.test(tree.read(path)));
    if (file) refuse(name, `${file} has it`);
  }
}

/** A name that a file uses for something else cannot be imported into it. */
export function refuseUsed(tree: Tree, path: string, name: string, from: string): void {
  if (tree.read(path).includes(`from "${from}"`)) return; // by hand
  if (new RegExp(`\\b${name}\\b`).test(codeOf(tree.read(path)))) refuse(name, `${path} uses it`);
}

/** Makes sure that these files are new. */
export function refuseExisting(tree: Tree, what: string, paths: readonly string[]): void {
  const found = paths.find((path) => tree.has(path) || tree.paths(`${path}/`).length > 0);
  if (found) throw new Refused(`${what} is there already: ${found}. Nothing was changed.`);
}

function wordsOf(typed: string, kind: string, example: string): Words {
  const isName = /^[A-Za-z][A-Za-z\d]*([-_ ][A-Za-z][A-Za-z\d]*)*$/.test(typed) && typed.length <= 40;
  if (!isName)
    throw new Refused(`"${typed}" cannot be the name of ${kind}. Use up to 40 letters, as in ${example}.`);
  return new Words(typed);
}

function refuseForeignName(tree: Tree, name: string): void {
  if (isReserved(name)) refuse(name, "JavaScript has this word");
  if (name in globalThis) refuse(name, "JavaScript or Node has something of this name");
  const exported = new RegExp(`[{,]\\s*(type )?${name}\\s*[,}]`);
  if (exported.test(codeOf(tree.read("src/framework/index.ts")))) refuse(name, "#sequent exports it");
}

export function refuse(name: string, why: string): never {
  throw new Refused(`"${name}" is taken: ${why}. Choose another name. Nothing was changed.`);
}
