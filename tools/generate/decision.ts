import { addImports } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { type Attribute, haveSame, kindOf, namesOf } from "./attributes.ts";
import type { Aggregate, Declaration } from "./domain.ts";
import { addCommandTest } from "./message-tests.ts";

/**
 * The event that a command leads to, if there is no doubt: it has the same attributes. If several have them, or there are
 * none, its name must have the verb of the command: `PublishPost` leads to `PostPublished`.
 */
export function eventFor({ name, attributes }: Declaration, aggregate: Aggregate): Declaration | undefined {
  const same = aggregate.laterEvents.filter((event) => haveSame(event.attributes, attributes));
  if (same.length === 1 && attributes.length > 0) return same[0];
  const verb = /^[A-Z][a-z]+/.exec(name)?.[0].replace(/[ey]$/, "") ?? name;
  const fitting = same.filter((event) => event.name.replace(aggregate.words.pascal, "").includes(verb));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** The method of an aggregate that takes a command. Without an event, somebody has to decide. */
export function methodOf(
  tree: Tree,
  aggregate: Aggregate,
  command: Declaration,
  method: string,
  event: Declaration | undefined,
): string {
  const { name, attributes } = command;
  const has = attributes.length > 0;
  if (!event)
    return `  ${method}(${has ? `_asked: ${name}` : ""}): void {\n    throw new Error("${name} ${undecided}");\n  }\n`;
  const apply = setsValues(tree, aggregate, event) ? "applyIfChanged" : "apply";
  const values = has ? `, ${namesOf(attributes)}` : "";
  return `  ${method}(${has ? `${namesOf(attributes)}: ${name}` : ""}): void {\n    this.${apply}(${event.name}${values});\n  }\n`;
}

/** Completes the methods that have waited for this event. */
export function decide(tree: Tree, aggregate: Aggregate, event: Declaration): string[] {
  const path = aggregate.file;
  return aggregate.commands.flatMap((command) => {
    const waiting = new RegExp(
      `^  (\\w+)\\((?:_asked: ${command.name})?\\): void \\{\\s+throw new Error\\(\\s*"${command.name} ${undecided}",?\\s*\\);\\s+\\}\\n`,
      "m",
    );
    const [whole, method] = waiting.exec(tree.read(path)) ?? [];
    if (whole === undefined || method === undefined || eventFor(command, aggregate)?.name !== event.name)
      return [];
    const decided = methodOf(tree, aggregate, command, method, event);
    tree.edit(path, decided, (text) =>
      addImports(
        text.replace(whole, () => decided),
        [[[event.name], "./events.ts"]],
      ),
    );
    addCommandTest(tree, aggregate, command, event);
    return [noteOf(aggregate, command, method, event)];
  });
}

export function noteOf(
  aggregate: Aggregate,
  { name, attributes }: Declaration,
  method: string,
  event: Declaration | undefined,
): string {
  const path = aggregate.file;
  if (!event)
    return `${name} changes nothing yet. Generate the event that says what has changed, or write ${method}() in ${path}.`;
  const why =
    attributes.length > 0
      ? `both have ${attributes.map((each) => each.name).join(" and ")}`
      : "its name fits";
  return `${name} leads to ${event.name}, because ${why}. Add your rules to ${method}() in ${path}.`;
}

/**
 * True if the event sets values that the aggregate has had since it was added, or if it says so by its name. Any other event
 * happens each time, such as `SeatBooked`. (Two seals of one secret differ.)
 */
function setsValues(
  tree: Tree,
  { added, state, file }: Aggregate,
  { name, attributes }: Declaration,
): boolean {
  const isIn = (all: readonly Attribute[], { name: one, type }: Attribute) =>
    kindOf(type) !== "secret" && all.some((each) => each.name === one && kindOf(each.type) === kindOf(type));
  const isSet =
    /(Set|Changed)$/.test(name) || attributes.every((each) => isIn(added?.attributes ?? [], each));
  const isRemembered =
    attributes.every((each) => isIn(state, each)) && tree.read(file).includes(`on(${name},`);
  return attributes.length > 0 && isSet && isRemembered;
}

const undecided = "is not decided yet: apply the event that says what has changed.";
