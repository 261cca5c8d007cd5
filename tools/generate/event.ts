import { Refused } from "../../src/bin/command.ts";
import { addImports, addToList } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { type Attribute, attributesFrom, declarationOf, importsOf, kindOf, namesOf } from "./attributes.ts";
import { decide } from "./decision.ts";
import {
  Aggregate,
  type Declaration,
  refuseMissing,
  refuseNotPersonal,
  toldBy,
  valueObjectImports,
} from "./domain.ts";
import { addState } from "./members.ts";
import { addStateTest } from "./message-tests.ts";
import { messageName } from "./names.ts";
import { addToProjector } from "./projector.ts";
import { isOptional, type Type } from "./types.ts";

/** `event Author AuthorNameSet name:string` */
export function event(tree: Tree, [typed = "", message = "", ...declared]: readonly string[]): string[] {
  const aggregate = new Aggregate(tree, typed);
  const name = messageName(tree, message, "an event");
  const attributes = attributesFrom(declared);
  refuseMissing(tree, attributes);
  refuseNotPersonal(aggregate, attributes);
  const made: Declaration = { name, base: "Event", attributes };
  const remembered = toldBy(made, aggregate.words);
  refuseOtherState(aggregate, remembered);

  const code = `export class ${name} extends Event("${name}"${declarationOf(attributes, false)}) {}\n`;
  const objects = valueObjectImports(tree, attributes, "../shared");
  tree.edit(aggregate.path("events"), code, (text) =>
    addImports(text + code, [[["Event", ...importsOf(attributes, false)], "#sequent"], ...objects]),
  );
  remember(tree, aggregate, made, remembered);
  addStateTest(tree, aggregate, made, remembered);
  return [...decide(tree, aggregate, made), ...addToProjector(tree, aggregate, made)];
}

/** The state that follows from an event, and the handler that says so. */
function remember(
  tree: Tree,
  aggregate: Aggregate,
  { name, attributes }: Declaration,
  remembered: readonly Attribute[],
): void {
  const known = aggregate.state.map((each) => each.name);
  const added = remembered.filter((each) => !known.includes(each.name)).map(optionally);
  const change =
    attributes.length > 0
      ? namesOf(attributes)
      : `{ ${remembered.map((each) => `${each.name}: true`).join()} }`;
  const handler = `on(${name}, (${attributes.length > 0 ? namesOf(attributes) : ""}) => (${change}))`;
  tree.edit(
    aggregate.file,
    handler,
    (text) =>
      addImports(addToList(addState(text, added), "handlers", handler), [
        [["on", ...importsOf(added, false)], "#sequent"],
        [[name], "./events.ts"],
        ...valueObjectImports(tree, added, "../shared"),
      ]),
    `on(${name},`,
  );
}

/** Before the event there is no value. A list is empty then. */
function optionally({ name, type }: Attribute): Attribute {
  const isFine = isOptional(type) || type.word === "list";
  return {
    name,
    type: isFine ? type : ({ word: "optional", of: type, names: [], rules: [] } satisfies Type),
  };
}

function refuseOtherState({ state, words, file }: Aggregate, attributes: readonly Attribute[]): void {
  for (const { name, type } of attributes) {
    const known = state.find((each) => each.name === name)?.type;
    if (!known) continue;
    if (known.word !== "?" && kindOf(known) !== kindOf(type))
      throw new Refused(
        `${words.pascal} remembers ${name} as ${kindOf(known)}, not as ${kindOf(type)}. Give the attribute another name. Nothing was changed.`,
      );
    if (isOptional(type) && !isOptional(known) && known.word !== "?")
      throw new Refused(
        `${words.pascal} always has ${name}. Make it optional in its state first, in ${file}. Nothing was changed.`,
      );
  }
}
