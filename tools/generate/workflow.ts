import { NotUnderstood, Refused } from "../../src/bin/command.ts";
import { addImport, addImports, addInside, PlaceNotFound } from "../edits.ts";
import { codeOf } from "../source.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import { Aggregate, type Declaration } from "./domain.ts";
import { refuseExisting, refuseSaved, workflowName } from "./names.ts";
import { places } from "./places.ts";
import { eventOf, importsOfSamples, testOf, todoOf } from "./spec.ts";

/** `workflow Welcome AuthorAdded` */
export function workflow(tree: Tree, [typed = "", eventName]: readonly string[]): string[] {
  if (eventName === undefined)
    throw new NotUnderstood(
      "Say the event that it reacts to: npm run generate -- workflow Welcome PersonAdded",
    );
  const { kebab, pascal: name } = new Words(`${workflowName(typed).text} workflow`);
  const { aggregate, event } = eventNamed(tree, eventName);
  const file = `src/domain/${aggregate.words.kebab}/${kebab}.ts`;
  const spec = `test/unit/domain/${kebab}.test.ts`;
  refuseExisting(tree, name, [file, spec]);
  refuseSaved(tree, name);

  tree.create(file, workflowOf(name, event));
  tree.create(spec, specOf(tree, aggregate, event, name, file));
  const from = file.replace("src", ".");
  const lines = `import { ${name} } from "${from}";\n… workflowsOf … => [… ${name}]`;
  tree.edit(places.program, lines, (text) => addToWorkflows(addImport(text, [name], from), name), name);
  return [`${name} does nothing yet. Say in ${spec} what follows from ${event.name}, then do it in ${file}.`];
}

/** An event of a module, and the aggregate to which it happens. */
function eventNamed(tree: Tree, name: string): { aggregate: Aggregate; event: Declaration } {
  const folders = tree
    .paths("src/domain/")
    .flatMap((path) => /^src\/domain\/([^/]+)\/events\.ts$/.exec(path)?.[1] ?? [])
    .filter((folder) => tree.has(`src/domain/${folder}/${folder}.ts`));
  const aggregates = folders.map((folder) => new Aggregate(tree, folder));
  const all = aggregates.flatMap((aggregate) => aggregate.events.map((event) => ({ aggregate, event })));
  const found = all.find(({ event }) => event.name === name);
  if (found) return found;
  const names = all.map(({ event }) => event.name).join(", ");
  throw new Refused(`There is no event ${name}. There are: ${names || "none yet"}. Nothing was changed.`);
}

function workflowOf(name: string, event: Declaration): string {
  return `import { on, Workflow } from "#sequent";
import { ${event.name} } from "./events.ts";

export class ${name} extends Workflow("${name}") {
  readonly handlers = [
    on(${event.name}, () => {
      // this.executeCommands(new …({ … })); stored together with the event
      // this.afterCommit(() => …); when all is stored
    }),
  ];
}
`;
}

/** If nobody can know the values of the event, somebody has to write the test. */
function specOf(tree: Tree, aggregate: Aggregate, event: Declaration, name: string, file: string): string {
  const { camel } = aggregate.words;
  const code = eventOf(tree, event, camel, "any");
  if (!code) return addImports(`\n${todoOf(`what follows from ${event.name}`)}`, [[["test"], "vitest"]]);
  const begin = `
const { when, thenCommands } = workflowSpec({ beforeEach, workflows: [${name}] });

const ${camel} = newId();

`;
  const test = testOf(
    {
      title: `nothing follows from ${event.name} yet`,
      lines: [`await when(${code});`, "thenCommands();"],
      ids: [],
    },
    begin,
  );
  return addImports(begin + test, [
    [["beforeEach", "test"], "vitest"],
    [["newId"], "#sequent/operations"],
    [["workflowSpec"], "#sequent/testing"],
    [[event.name], `../../../${aggregate.path("events")}`],
    [[name], `../../../${file}`],
    ...importsOfSamples(tree, event.attributes, code),
  ]);
}

function addToWorkflows(text: string, name: string): string {
  const found = /\bworkflowsOf\b[^;]*?=> \[/.exec(codeOf(text));
  if (!found) throw new PlaceNotFound("workflowsOf", 0);
  return addInside(text, found.index + found[0].length - 1, name);
}
