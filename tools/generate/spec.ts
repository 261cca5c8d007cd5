import { addImports, type Import, PlaceNotFound } from "../edits.ts";
import type { Tree } from "../tree.ts";
import type { Attribute } from "./attributes.ts";
import { Aggregate, type Declaration, valueObjectImports } from "./domain.ts";
import { places } from "./places.ts";
import { type SampleId, samplesOf, type Which } from "./samples.ts";

/** A test of a domain, and what it needs from its file. */
interface SpecTest {
  readonly title: string;
  readonly lines: readonly string[];
  /** The words of `domainSpec` in it. */
  readonly words: readonly string[];
  readonly ids: readonly SampleId[];
  readonly imports: readonly Import[];
}

export function specOf({ words }: Aggregate): string {
  return `test/unit/domain/${words.kebab}.test.ts`;
}

/** Adds a test to the spec of an aggregate. Makes the spec if there is none. */
export function addTest(tree: Tree, aggregate: Aggregate, test: SpecTest): void {
  const { camel } = aggregate.words;
  const path = specOf(aggregate);
  const begin = `\nconst {} = domainSpec({ beforeEach, modules });\n\nconst ${camel} = newId();\n`;
  if (!tree.has(path)) tree.create(path, addImports(begin, ofEverySpec));
  const ids = [{ constant: camel, aggregate: undefined }, ...test.ids];
  const code = testOf({ ...test, ids }, tree.read(path));
  const makesIds = code.includes("newId()") ? ["newId"] : [];
  const imports: Import[] = [[["test"], "vitest"], [makesIds, "#sequent/operations"], ...test.imports];
  tree.edit(path, code, (text) => `${addImports(withWords(text, test.words), imports)}\n${code}`);
}

/** A test that somebody has to write. */
export function addTodo(tree: Tree, aggregate: Aggregate, title: string): void {
  const path = specOf(aggregate);
  const code = todoOf(title);
  if (!tree.has(path)) tree.create(path, "\n");
  tree.edit(path, code, (text) => `${addImports(text, [[["test"], "vitest"]])}\n${code}`);
}

export function todoOf(title: string): string {
  return `test.todo(${JSON.stringify(title)});\n`;
}

/** The code of an event for a test: `AuthorAdded.of(author, { name: "The name" })`. Undefined if its values cannot be known. */
export function eventOf(tree: Tree, event: Declaration, id: string, which: Which): string | undefined {
  if (event.attributes.length === 0) return `${event.name}.of(${id})`;
  const samples = samplesOf(tree, event.attributes, "event", which);
  return samples && `${event.name}.of(${id}, ${samples})`;
}

/** The events of the aggregates that some ids refer to: they must exist before a command refers to them. */
export function givenReferences(
  tree: Tree,
  ids: readonly SampleId[],
): { events: string[]; imports: Import[] } {
  const events: string[] = [];
  const imports: Import[] = [];
  for (const { constant, aggregate: name } of ids) {
    if (name === undefined) continue;
    const aggregate = new Aggregate(tree, name);
    const event = aggregate.added ?? aggregate.events[0];
    const code = event && eventOf(tree, event, constant, "any");
    if (!event || !code) continue;
    events.push(code);
    imports.push(
      [[event.name], `../../../${aggregate.path("events")}`],
      ...importsOfSamples(tree, event.attributes, code),
    );
  }
  return { events, imports };
}

/** What the values of a test need. `root` is the way to the folder of the project. */
export function importsOfSamples(
  tree: Tree,
  attributes: readonly Attribute[],
  code: string,
  root = "../../..",
): Import[] {
  const objects = valueObjectImports(tree, attributes, `${root}/src/domain/shared`);
  const isSealed = code.includes("sealSecret(");
  const makesIds = code.includes("newId()");
  return [
    ...objects,
    [isSealed ? ["sealSecret"] : [], "#sequent"],
    [makesIds ? ["newId"] : [], "#sequent/operations"],
  ];
}

/** A test as code. The ids in it that its file does not have yet are made in it. */
export function testOf({ title, lines, ids }: Pick<SpecTest, "title" | "lines" | "ids">, file = ""): string {
  const declared = ids
    .filter(({ constant }) => lines.some((line) => new RegExp(`\\b${constant}\\b`).test(line)))
    .filter(({ constant }) => !new RegExp(`^const ${constant} = `, "m").test(file))
    .map(({ constant }) => `const ${constant} = newId();`);
  const isAsync = lines.some((line) => line.includes("await "));
  return `test(${JSON.stringify(title)}, ${isAsync ? "async " : ""}() => {\n  ${[...declared, ...lines].join("\n  ")}\n});\n`;
}

/** Adds to `const { given, when } = domainSpec(…)`. */
function withWords(text: string, words: readonly string[]): string {
  const found = [...text.matchAll(/const \{([^}]*)\} = domainSpec\(/g)];
  const [first] = found;
  if (words.length === 0) return text;
  if (found.length !== 1 || !first) throw new PlaceNotFound("= domainSpec(", found.length);
  const all = new Set([...(first[1]?.match(/\w+/g) ?? []), ...words]);
  const sorted = ["at", "given", "when", "thenEvents", "thenIncludes", "thenFails"].filter((word) =>
    all.has(word),
  );
  return text.replace(first[0], () => `const { ${sorted.join(", ")} } = domainSpec(`);
}

const ofEverySpec: readonly Import[] = [
  [["beforeEach", "test"], "vitest"],
  [["newId"], "#sequent/operations"],
  [["domainSpec"], "#sequent/testing"],
  [["modules"], `../../../${places.program}`],
];
