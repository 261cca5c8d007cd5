import { Refused } from "../../src/bin/command.ts";
import { addImports, type Import } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { Words, withArticle } from "../words.ts";
import { type Attribute, attributesFrom, declarationOf, importsOf, namesOf } from "./attributes.ts";
import { Aggregate, refuseMissing, valueObjectImports } from "./domain.ts";
import { aggregateName, refuseExisting, refuseSaved, refuseUsed } from "./names.ts";
import { places } from "./places.ts";
import { sampleIds, samplesOf } from "./samples.ts";
import { addTest, addTodo, givenReferences, importsOfSamples, specOf } from "./spec.ts";
import { bare, mustBeTyped } from "./types.ts";

/** `aggregate Author name:string(notBlank)` */
export function aggregate(tree: Tree, [typed = "", ...declared]: readonly string[]): string[] {
  const words = aggregateName(tree, typed);
  const attributes = attributesFrom(declared);
  const { pascal, camel, kebab } = words;
  if (attributes.some(({ name }) => name === camel))
    throw new Refused(`An attribute of ${pascal} cannot be named "${camel}", too. Give it another name.`);
  refuseExisting(tree, pascal, [`src/domain/${kebab}`, `test/unit/domain/${kebab}.test.ts`]);
  refuseSaved(tree, pascal, `Add${pascal}`, `${pascal}Added`, `${pascal}CommandHandler`);
  refuseUsed(tree, places.program, camel, `./domain/${kebab}/index.ts`);
  refuseMissing(tree, attributes, pascal);

  const file = (name: string, text: string) => tree.create(`src/domain/${kebab}/${name}.ts`, text);
  file("commands", commandsOf(tree, words, attributes));
  file("events", eventsOf(tree, words, attributes));
  file(kebab, classOf(tree, words, attributes));
  file(`${kebab}-command-handler`, handlerOf(words));
  file("index", moduleOf(words));
  tree.enlist(places.program, "modules", camel, `./domain/${kebab}/index.ts`);
  addSpec(tree, new Aggregate(tree, kebab), attributes);
  return [];
}

function commandsOf(tree: Tree, { pascal }: Words, attributes: readonly Attribute[]): string {
  const text = `\nexport class Add${pascal} extends CreationCommand("Add${pascal}"${declarationOf(attributes, true)}) {}\n`;
  return addImports(text, [
    [["CreationCommand", ...importsOf(attributes, true)], "#sequent"],
    ...valueObjectImports(tree, attributes, "../shared"),
  ]);
}

function eventsOf(tree: Tree, { pascal }: Words, attributes: readonly Attribute[]): string {
  const text = `\nexport class ${pascal}Added extends Event("${pascal}Added"${declarationOf(attributes, false)}) {}\n`;
  return addImports(text, [
    [["Event", ...importsOf(attributes, false)], "#sequent"],
    ...valueObjectImports(tree, attributes, "../shared"),
  ]);
}

function classOf(tree: Tree, { pascal, camel }: Words, attributes: readonly Attribute[]): string {
  const has = attributes.length > 0;
  const names = namesOf(attributes);
  const text = `
export class ${pascal} extends AggregateRoot("${pascal}"${declarationOf(attributes, false)}) {
  static add({ aggregateId${attributes.map(({ name }) => `, ${name}`).join("")} }: Add${pascal}): ${pascal} {
    const ${camel} = new ${pascal}(aggregateId);
    ${camel}.apply(${pascal}Added${has ? `, ${names}` : ""});
    return ${camel};
  }

  readonly handlers = [${has ? `on(${pascal}Added, (${names}) => (${names}))` : ""}];
}
`;
  return addImports(text, [
    [["AggregateRoot", ...(has ? ["on"] : []), ...importsOf(attributes, false)], "#sequent"],
    [[`type Add${pascal}`], "./commands.ts"],
    [[`${pascal}Added`], "./events.ts"],
    ...valueObjectImports(tree, attributes, "../shared"),
  ]);
}

function handlerOf({ pascal, kebab }: Words): string {
  return `import { CommandHandler, on } from "#sequent";
import { Add${pascal} } from "./commands.ts";
import { ${pascal} } from "./${kebab}.ts";

export class ${pascal}CommandHandler extends CommandHandler {
  readonly handlers = [
    on(Add${pascal}, (command) => this.repository.addAggregate(${pascal}.add(command))),
  ];
}
`;
}

function moduleOf({ pascal, camel, kebab }: Words): string {
  return `import type { DomainModule } from "#sequent";
import { ${pascal} } from "./${kebab}.ts";
import { ${pascal}CommandHandler } from "./${kebab}-command-handler.ts";
import * as commands from "./commands.ts";
import * as events from "./events.ts";

export const ${camel} = {
  aggregate: ${pascal},
  commandHandler: ${pascal}CommandHandler,
  commands,
  events,
} satisfies DomainModule;
`;
}

/** Its values and its first event are constants, so later tests begin with them. */
function addSpec(tree: Tree, aggregate: Aggregate, attributes: readonly Attribute[]): void {
  const { words } = aggregate;
  const { pascal, camel } = words;
  const [add, added] = [`Add${pascal}`, `${pascal}Added`];
  const title = `${add} leads to ${added}`;
  const samples = samplesOf(tree, attributes, "command");
  if (samples === undefined) {
    addTodo(tree, aggregate, title);
    return;
  }

  const ids = sampleIds(tree, attributes);
  const references = givenReferences(tree, ids);
  const has = attributes.length > 0;
  const isSecret = attributes.some(({ type }) => bare(type).word === "secret");
  const open = attributes.filter(({ type }) => bare(type).word !== "secret");
  const likeValues = open.map(({ name }) => `${name}: values.${name}`).join(", ");
  const like = open.length > 0 ? `${added}.like({ ${likeValues} })` : added;
  const imports: Import[] = [
    [[add], `../../../${aggregate.path("commands")}`],
    [[added], `../../../${aggregate.path("events")}`],
    ...importsOfSamples(tree, attributes, ""),
    ...references.imports,
  ];
  addTest(tree, aggregate, {
    title,
    lines: [
      ...(references.events.length > 0 ? [`given(${references.events.join(", ")});`] : []),
      `await when(new ${add}({ aggregateId: ${camel}${has ? ", ...values" : ""} }));`,
      `thenEvents(${isSecret ? like : "added"});`,
    ],
    words: [...(references.events.length > 0 ? ["given"] : []), "when", "thenEvents"],
    ids: [],
    imports,
  });
  const required = attributes.find(({ type }) => mustBeTyped(type) && bare(type).word !== "oneOf");
  if (required)
    addTest(tree, aggregate, {
      title: `${add} is refused without ${withArticle(new Words(required.name).text)}`,
      lines: [`await when(new ${add}({ ...values, ${required.name}: " " }));`, "thenFails(CommandNotValid);"],
      words: ["when", "thenFails"],
      ids: [],
      imports: [[["CommandNotValid"], "#sequent"]],
    });
  const constants = [
    ...ids.map(({ constant }) => `const ${constant} = newId();`),
    ...(has ? [`const values = ${samples}${attributes.some(isLiteral) ? " as const" : ""};`] : []),
    ...(isSecret ? [] : [`const added = ${added}.of(${camel}${has ? ", values" : ""});`]),
  ];
  tree.edit(specOf(aggregate), "", (text) =>
    text.replace(`const ${camel} = newId();\n`, (line) => `${line}${constants.join("\n")}\n`),
  );
}

/** True if the compiler must not take its value for any text. */
function isLiteral({ type }: Attribute): boolean {
  const { word, of } = bare(type);
  return (
    word === "date" ||
    word === "oneOf" ||
    (word === "list" && of !== undefined && isLiteral({ name: "", type: of }))
  );
}
