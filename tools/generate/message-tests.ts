import type { Import } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { withArticle } from "../words.ts";
import type { Attribute } from "./attributes.ts";
import type { Aggregate, Declaration } from "./domain.ts";
import { sampleIds, samplesOf } from "./samples.ts";
import { addTest, addTodo, eventOf, givenReferences, importsOfSamples, specOf, todoOf } from "./spec.ts";
import { bare } from "./types.ts";

/** A test that a command leads to an event. Without an event, or where nobody can know its values, somebody has to write it. */
export function addCommandTest(
  tree: Tree,
  aggregate: Aggregate,
  command: Declaration,
  event: Declaration | undefined,
): void {
  const { camel } = aggregate.words;
  const todo = `${command.name} leads to the event that says what has changed`;
  const { attributes } = command;
  const history = historyOf(tree, aggregate);
  const [typed, other] = (["first", "other"] as const).map((which) =>
    samplesOf(tree, attributes, "command", which),
  );
  const isUnknown = !history || other === undefined || (attributes.length > 0 && typed === other);
  if (!event || isUnknown) {
    addTodo(tree, aggregate, event ? `${command.name} leads to ${event.name}` : todo);
    return;
  }
  const ids = sampleIds(tree, attributes, "other");
  const references = givenReferences(tree, ids);
  const open = attributes.filter(({ type }) => bare(type).word !== "secret");
  const values = samplesOf(tree, open, "event", "other");
  const has = attributes.length > 0;
  const expected =
    open.length === attributes.length
      ? `${event.name}.of(${camel}${has ? `, ${values}` : ""})`
      : open.length > 0
        ? `${event.name}.like(${values})`
        : event.name;
  tree.edit(specOf(aggregate), "", (text) => text.replace(`\n${todoOf(todo)}`, ""));
  addTest(tree, aggregate, {
    title: `${command.name} leads to ${event.name}`,
    lines: [
      `given(${[...references.events, history.code].join(", ")});`,
      `await when(new ${command.name}({ aggregateId: ${camel}${has ? `, ${other.replace(/^\{ | \}$/g, "")}` : ""} }));`,
      `thenEvents(${expected});`,
    ],
    words: ["given", "when", "thenEvents"],
    ids,
    imports: [
      [[command.name], `../../../${aggregate.path("commands")}`],
      [[event.name], `../../../${aggregate.path("events")}`],
      ...importsOfSamples(tree, attributes, other),
      ...references.imports,
      ...history.imports,
    ],
  });
}

/** A test that an aggregate remembers what an event says. */
export function addStateTest(
  tree: Tree,
  aggregate: Aggregate,
  event: Declaration,
  remembered: readonly Attribute[],
): void {
  const { camel, pascal, text } = aggregate.words;
  const title = `${withArticle(text)} remembers ${event.name}`;
  const history = historyOf(tree, aggregate);
  const code = eventOf(tree, event, camel, "other");
  const open = remembered.filter(({ type }) => bare(type).word !== "secret");
  const values =
    event.attributes.length > 0
      ? samplesOf(tree, open, "event", "other")
      : `{ ${open.map(({ name }) => `${name}: true`)} }`;
  if (!history || !code || !values) {
    addTodo(tree, aggregate, title);
    return;
  }
  const [secret] = remembered.filter((each) => !open.includes(each));
  addTest(tree, aggregate, {
    title,
    lines: [
      `const { state } = new ${pascal}(${camel}).loadFromHistory([${history.code}, ${code}]);`,
      open.length > 0
        ? `expect(state).toMatchObject(${values});`
        : `expect(state.${secret?.name}).toContain("scrypt");`,
    ],
    words: [],
    ids: sampleIds(tree, event.attributes, "other"),
    imports: [
      [["expect"], "vitest"],
      [[pascal], `../../../${aggregate.file}`],
      [[event.name], `../../../${aggregate.path("events")}`],
      ...importsOfSamples(tree, event.attributes, code),
      ...history.imports,
    ],
  });
}

/** What happened before: the constant `added` of a generated spec, or the first event. Undefined if nobody can know its values. */
function historyOf(tree: Tree, aggregate: Aggregate): { code: string; imports: Import[] } | undefined {
  const first = aggregate.added ?? aggregate.events[0];
  if (!first) return undefined;
  if (tree.read(specOf(aggregate)).includes(`const added = ${first.name}.of(`))
    return { code: "added", imports: [] };
  const code = eventOf(tree, first, aggregate.words.camel, "any");
  const imports: Import[] = [[[first.name], `../../../${aggregate.path("events")}`]];
  return code === undefined
    ? undefined
    : { code, imports: [...imports, ...importsOfSamples(tree, first.attributes, code)] };
}
