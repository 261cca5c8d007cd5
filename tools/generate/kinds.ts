import { NotUnderstood, Refused } from "../../src/bin/command.ts";
import type { Tree } from "../tree.ts";
import { aggregate } from "./aggregate.ts";
import { command } from "./command.ts";
import { event } from "./event.ts";
import { page } from "./page.ts";
import { projection } from "./projection.ts";
import { workflow } from "./workflow.ts";

/** Adds a part to a project, in memory. Returns sentences about what is left to do. */
type Kind = (tree: Tree, words: readonly string[], options: Options) => readonly string[];

export interface Options {
  /** The plural of the aggregate, if no rule gives it. */
  readonly plural?: string | undefined;
}

const kinds: Readonly<Record<string, Kind>> = { aggregate, command, event, projection, page, workflow };

/**
 * Adds a part to the project: `generate(tree, "aggregate", ["Author", "name:string(notBlank)"])`. Throws `Refused` if a
 * name is taken or a file is not as expected. `tree.changes` then has the new texts, not yet formatted.
 */
export function generate(
  tree: Tree,
  kind: string,
  words: readonly string[],
  options: Options = {},
): readonly string[] {
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!make)
    throw new NotUnderstood(`"${kind}" cannot be generated. There are: ${Object.keys(kinds).join(", ")}.`);
  if (!words[0])
    throw new NotUnderstood(
      kind === "workflow"
        ? "Say its name, and the event that it reacts to: npm run generate -- workflow Welcome PersonAdded"
        : `Say the name of the aggregate: npm run generate -- ${kind} Person`,
    );
  if (options.plural !== undefined && kind !== "projection")
    throw new NotUnderstood("--plural belongs to a projection. A page takes it from there.");
  const notes = make(tree, words, options);
  if (tree.byHand.length > 0) throw new Refused(byHand(tree.byHand));
  return notes;
}

function byHand(edits: readonly string[]): string {
  return `Nothing was changed, because a file is not as expected. Correct it, or add these lines by hand; then run the command again.

${edits.join("\n\n")}`;
}
