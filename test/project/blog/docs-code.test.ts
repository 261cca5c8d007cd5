import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programOf } from "../../../tools/programs.ts";
import { filesIn, read, root } from "../../support/files.ts";

/**
 * The TypeScript in the pages is compiled. A block is a part of a program: the names that it uses are imported from the framework
 * and the blog, and others stay unknown. Whatever is known has to fit: exports, parameters, attributes, options.
 */
const folder = mkdtempSync(join(tmpdir(), "docs-code-"));
const problems: string[] = [];
const unknown = new Set<string>();

/** The tutorial and this guide are followed step by step: their blocks are parts of files. */
const pages = filesIn("docs", ".md").filter(
  (page) => !/^docs\/(tutorial\/|guides\/adding-a-field)/.test(page),
);
const blocks = pages.flatMap((page) =>
  [...read(page).matchAll(/^( *)```ts\n([\s\S]*?)^ *```$/gm)].map(({ index, 2: code = "" }) => ({
    place: `${page}:${read(page).slice(0, index).split("\n").length + 1}`,
    code,
    declared: declaredIn(code),
  })),
);

/** Words of the pages for what a reader has, or a package. */
const examples =
  "Invoice AddInvoice EditInvoice SendInvoice ArticleTagged ArticleUntagged Mailer MyEventStore Knex Router test expect".split(
    " ",
  );

/** Where each name is exported. In pages, the names of modules stand for an id, and some names for anything. */
const exporters = new Map<string, string>();
const ours = ["src/domain", "src/projections", "src/web"].flatMap((each) => filesIn(each, ".ts"));
const contracts = filesIn("test/unit/framework", "-contract.ts");
for (const file of [...ours, ...contracts, "src/blog.ts", "test/support/copy.ts"])
  if (!/domain\/[\w-]+\/index\.ts|projections\/queries\.ts/.test(file))
    for (const name of exportsOf(file)) exporters.set(name, `../${file}`);
for (const [door, file] of Object.entries<string>(JSON.parse(read("package.json")).imports))
  for (const name of exportsOf(file)) exporters.set(name, door);
for (const name of ["rows", "run", "site"]) exporters.delete(name);

beforeAll(() => {
  for (const each of ["src", "test", "tools", "node_modules"])
    symlinkSync(join(root, each), join(folder, each), "junction");
  writeFileSync(join(folder, "package.json"), read("package.json"));
  const { compilerOptions } = JSON.parse(read("tsconfig.json"));
  const loose = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    noImplicitAny: false,
    isolatedModules: false,
  };
  const options = { ...compilerOptions, ...loose, verbatimModuleSyntax: false };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["docs"] }),
  );
  mkdirSync(join(folder, "docs"));
  for (const [number, block] of blocks.entries())
    writeFileSync(join(folder, `docs/${number}.ts`), moduleOf(block.code, block.declared));

  const { stdout } = spawnSync(process.execPath, [programOf("tsc")], { cwd: folder, encoding: "utf8" });
  for (const [, number, code, message = ""] of stdout.matchAll(/^docs\/(\d+)\.ts.*: error TS(\d+): (.*)/gm)) {
    const [, name] =
      /^(?:Cannot find name|No value exists in scope for the shorthand property) '(\w+)'/.exec(message) ?? [];
    const block = blocks[Number(number)];
    if (name === undefined) {
      if (!tolerated.test(`${code} ${message}`)) problems.push(`${block?.place}: ${message}`);
    } else if (/^[A-Z]/.test(name) || block?.code.includes(`${name}(`)) unknown.add(name);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file or a class that only the page has, and `this` in a line of a method. */
const tolerated = /^(2307|2532) |type 'BaseAggregate<object>'/;

test("the code of the pages compiles", () => {
  expect(problems).toEqual([]);
});

test("what a page calls is exported, or declared in a page", () => {
  expect(examples.filter((name) => !unknown.has(name))).toEqual([]); // so the compiler has run
  for (const name of [...blocks.flatMap(({ declared }) => [...declared]), ...examples]) unknown.delete(name);
  expect([...unknown]).toEqual([]);
});

/** A block may be a program, members of a class (which are only parsed), lines of an object, or elements of a list. */
function moduleOf(code: string, declared: ReadonlySet<string>): string {
  if (/^(static |override |\w+\(.*\): \w+ \{\n)/.test(code)) return `// @ts-nocheck\nclass Any {\n${code}}`;
  const used = new Set(code.match(/(?<!["'\w]|(?<!\.\.)\.)[A-Za-z]\w*/g));
  const imports = [...used].flatMap((name) => {
    const from = declared.has(name) ? undefined : exporters.get(name);
    return from ? [`import { ${name} } from "${from}";`] : [];
  });
  const isObject = /^("\S+"|\w+): /.test(code);
  const isList = /,\n$/.test(code);
  return `${imports.join(" ")} export {};\n${isObject ? `({\n${code}})` : isList ? `[\n${code}]` : code}`;
}

function declaredIn(code: string): ReadonlySet<string> {
  const names = [...code.matchAll(/\b(?:class|const|function|interface|type) (\w+)/g)].map(
    ([, name = ""]) => name,
  );
  const lists = [...code.matchAll(/\b(?:import|const) (?:type )?[{[]([^}\]]*)[}\]]/g)].map(
    ([, list = ""]) => list,
  );
  return new Set([...names, ...lists.flatMap(namesOf)]);
}

function exportsOf(file: string): string[] {
  const text = read(file);
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list = ""]) => list);
  const names = text.matchAll(/^export (?:abstract |async )*(?:class|const|function|interface|type) (\w+)/gm);
  return [...lists.flatMap(namesOf), ...[...names].map(([, name = ""]) => name)];
}

function namesOf(list: string): string[] {
  return list.split(",").flatMap((each) => each.trim().replace(/^type /, "") || []);
}
