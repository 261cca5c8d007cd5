import { addImports, type Import } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { type Words, withArticle } from "../words.ts";
import type { Column } from "./columns.ts";
import { type Aggregate, type Declaration, toldBy } from "./domain.ts";
import { type SampleId, sampleIds, sampleOf, type Which } from "./samples.ts";
import { eventOf, importsOfSamples, testOf, todoOf } from "./spec.ts";

function projectorSpecOf({ kebab }: Words): string {
  return `test/unit/projections/${kebab}-projector.test.ts`;
}

/** The spec of a new projector. Its first event and its row are constants, so later tests begin with them. */
export function addProjectorSpec(
  tree: Tree,
  aggregate: Aggregate,
  columns: readonly Pick<Column, "name" | "snake" | "isFlag">[],
): void {
  const { words, added } = aggregate;
  const { pascal, camel, kebab, text } = words;
  const path = projectorSpecOf(words);
  const title = `${withArticle(text)} is listed`;
  const event = added && eventOf(tree, added, camel, "first");
  if (!added || !event) {
    tree.create(path, addImports(`\n${todoOf(title)}`, [[["test"], "vitest"]]));
    return;
  }
  const constants = sampleIds(tree, added.attributes).map(({ constant }) => `const ${constant} = newId();\n`);
  const values = rowOf(tree, words, added, columns, "first").map((value) => `${value}, `);
  tree.create(
    path,
    addImports(
      `
const { at, given, thenRows } = projectorSpec({ beforeEach, projectors: [${pascal}Projector] });

const ${camel} = newId();
${constants.join("")}const noon = "2026-11-20T12:00:00.000Z";
const added = ${event};
const row = { aggregate_id: ${camel}, ${values.join("")}created_at: new Date(noon) };

${testOf({ title, lines: ["at(noon);", "given(added);", `await thenRows(${camel}Records, row);`], ids: [] })}`,
      [
        [["beforeEach", "test"], "vitest"],
        [["newId"], "#sequent/operations"],
        [["projectorSpec"], "#sequent/testing"],
        [[added.name], `../../../${aggregate.path("events")}`],
        [[`${pascal}Projector`], `../../../src/projections/${kebab}/projector.ts`],
        [[`${camel}Records`], `../../../src/projections/${kebab}/record.ts`],
        ...importsOfSamples(tree, added.attributes, event),
      ],
    ),
  );
  for (const later of aggregate.laterEvents) addProjectorTest(tree, aggregate, columns, later);
}

/** A test that an event changes the row. It needs the constants of `addProjectorSpec`. */
export function addProjectorTest(
  tree: Tree,
  aggregate: Aggregate,
  columns: readonly Pick<Column, "name" | "snake" | "isFlag">[],
  event: Declaration,
): void {
  const { camel } = aggregate.words;
  const path = projectorSpecOf(aggregate.words);
  const changes = rowOf(tree, aggregate.words, event, columns, "other");
  if (changes.length === 0) return;
  const title = `${event.name} changes the row`;
  const code = eventOf(tree, event, camel, "other");
  const begins = ["added", "row", "noon"].every((name) => tree.read(path).includes(`const ${name} = `));
  if (!code || !begins) {
    tree.edit(path, title, (text) => `${text}\n${todoOf(title)}`);
    return;
  }
  const ids: SampleId[] = sampleIds(tree, event.attributes, "other");
  const lines = [
    "at(noon);",
    `given(added, ${code});`,
    `await thenRows(${camel}Records, { ...row, ${changes.join(", ")} });`,
  ];
  const imports: Import[] = [
    [[event.name], `../../../${aggregate.path("events")}`],
    ...importsOfSamples(tree, event.attributes, code),
  ];
  tree.edit(path, title, (text) => `${addImports(text, imports)}\n${testOf({ title, lines, ids }, text)}`);
}

/** What an event puts into the columns: `name: "The name"`. */
function rowOf(
  tree: Tree,
  words: Words,
  event: Declaration,
  columns: readonly Pick<Column, "name" | "snake" | "isFlag">[],
  which: Which,
): string[] {
  return columns.flatMap(({ name, snake, isFlag }) => {
    if (isFlag)
      return toldBy(event, words).some((each) => each.name === name) || which === "first"
        ? [`${snake}: ${which === "other"}`]
        : [];
    const told = event.attributes.find((each) => each.name === name);
    return told ? [`${snake}: ${sampleOf(tree, name, told.type, "event", which)}`] : [];
  });
}
