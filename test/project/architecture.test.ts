import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { filesIn, read, root } from "../support/files.ts";

/** The rooms of the framework. Each may import itself and those before it. */
const ladder = [
  "errors",
  "attributes",
  "messages",
  "projections",
  "store",
  "subscriptions",
  "aggregates",
  "commands",
  "replay",
  "maintenance",
  "testing",
];

const mailsOfAuthorsMay = [
  "#sequent",
  "#sequent/operations",
  "author-mails/",
  "domain/[\\w-]+/events.ts",
  "projections/queries.ts",
  "mail/mail.ts",
  "web/(rendering/mails|unsubscribe-token).ts",
];

/**
 * Who may import what of ours. The first rule that fits a file holds; `$1` is what its first group matched. Only the
 * framework names its own files: all others come in by its doors, which begin with `#sequent`.
 */
const rules: readonly { files: RegExp; may: readonly string[]; packages?: RegExp }[] = [
  ...ladder.map((room, index) => ({
    files: new RegExp(`^framework/${room}/`),
    may: ladder.slice(0, index + 1).map((lower) => `framework/${lower}/`),
  })),
  { files: /^framework\//, may: ["framework/"] },
  { files: /^domain\/shared\//, may: ["#sequent", "domain/shared/"], packages: /^$/ },
  {
    files: /^domain\/([\w-]+)\/.*workflow\.ts$/,
    may: ["#sequent", "domain/shared/", "domain/$1/", "domain/[\\w-]+/(commands|events).ts"],
    packages: /^$/,
  },
  {
    files: /^domain\/([\w-]+)\//,
    may: ["#sequent", "domain/shared/", "domain/$1/"],
    packages: /^$/,
  },
  {
    files: /^projections\//,
    may: ["#sequent", "#sequent/operations", "projections/", "domain/shared/", "domain/[\\w-]+/events.ts"],
    packages: /^knex$/,
  },
  { files: /^web\/forms\//, may: ["#sequent", "#sequent/operations", "web/"], packages: /^express$/ },
  {
    files: /^web\//,
    may: [
      "#sequent",
      "#sequent/operations",
      "web/",
      "domain/shared/",
      "domain/[\\w-]+/(commands|errors).ts",
      "projections/([\\w-]+/queries|names|queries|query-service).ts",
      "mail/mail.ts",
      "search/search-service.ts",
    ],
    packages: /^(?!(knex|pg)$)/,
  },
  { files: /^author-mails\//, may: mailsOfAuthorsMay },
  { files: /^brokers\//, may: ["#sequent", "#sequent/operations", "brokers/"] },
  { files: /^consumer\//, may: ["consumer/", "brokers/(broker|cloud-event|open).ts"], packages: /^knex$/ },
  { files: /^database\//, may: ["#sequent", "#sequent/operations", "database/", "settings.ts"] },
  { files: /^search\//, may: ["#sequent/operations"], packages: /^$/ },
  { files: /^mail\//, may: ["#sequent", "#sequent/operations", "mail/"] },
  { files: /^doctor\//, may: ["#sequent", "#sequent/operations", "doctor/", "database/migrate.ts"] },
  {
    files: /^seed\//,
    may: ["#sequent", "#sequent/operations", "seed/", "domain/shared/", "domain/[\\w-]+/commands.ts"],
  },
  {
    files: /^\.\.\/examples\/([\w-]+)\//,
    may: ["#sequent/consumer", "../src/database/embedded/embedded-postgres.ts", "../examples/$1/"],
  },
  { files: /^settings\.ts$/, may: ["brokers/open.ts", "mail/(sender|smtp-server).ts"] },
];

const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const source = fileURLToPath(new URL("../../src/", import.meta.url));
const files = (readdirSync(source, { recursive: true }) as string[])
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replaceAll(sep, "/"));

const ruled = files.filter((file) => rules.some((rule) => rule.files.test(file)));

/** Programs beside the blog. Their tests may import everything, like all tests. */
const examples = existsSync(join(root, "examples"))
  ? filesIn("examples", ".ts").flatMap((file) => (file.endsWith(".test.ts") ? [] : `../${file}`))
  : []; // a copy may have none

test.each([...ruled, ...examples])("%s imports only what it may", (file) => {
  expect(importsOf(file).filter((imported) => !mayImport(file, imported))).toEqual([]);
});

test.each([
  ["domain/expense-claim/expense-claim.ts", "./events.ts", true],
  ["domain/expense-claim/expense-claim.ts", "../post/events.ts", false],
  ["domain/expense-claim/expense-claim.ts", "knex", false],
  ["domain/expense-claim/payment-workflow.ts", "../post/events.ts", true],
  ["domain/post/first-post-workflow.ts", "../expense-claim/commands.ts", true],
  ["domain/expense-claim/events.ts", "../shared/money.ts", true],
  ["domain/shared/money.ts", "#sequent", true],
  ["domain/post/post.ts", "#sequent/operations", false],
  ["domain/post/post.ts", "../../framework/attributes.ts", false],
  ["domain/shared/money.ts", "../expense-claim/events.ts", false],
  ["framework/commands/workflow.ts", "../messages/event.ts", true],
  ["framework/messages/event.ts", "../commands/workflow.ts", false],
  ["projections/expense-claim/projector.ts", "../../domain/expense-claim/events.ts", true],
  ["projections/expense-claim/projector.ts", "../../domain/expense-claim/expense-claim.ts", false],
  ["web/pages/claims.ts", "../../domain/expense-claim/commands.ts", true],
  ["web/pages/claims.ts", "../../domain/shared/money.ts", true],
  ["web/forms/rows.ts", "../../domain/expense-claim/commands.ts", false],
  ["../examples/receipts/receipts.ts", "#sequent/consumer", true],
  ["../examples/receipts/receipts.ts", "./print.ts", true],
  ["../examples/receipts/receipts.ts", "../letters/print.ts", false],
  ["../examples/receipts/receipts.ts", "../../src/domain/expense-claim/events.ts", false],
])("the rules hold in a copy with more aggregates: %s, %s, %s", (file, imported, may) => {
  expect(mayImport(file, imported)).toBe(may);
});

test("the ladder has every room of the framework", () => {
  const rooms = files.flatMap((file) => /^framework\/([^/]+)\//.exec(file)?.[1] ?? []);
  expect([...new Set(rooms)].sort()).toEqual([...ladder].sort());
});

test("no file imports itself through others, not even for a type", () => {
  const others = ["test", "bench", "tools", "examples"].filter((folder) => existsSync(join(root, folder))); // a copy may have no bench and no examples
  const all = [...files.map((file) => `src/${file}`), ...others.flatMap((folder) => filesIn(folder, ".ts"))];
  expect(circlesIn(new Map(all.map((file) => [file, targetsOf(`../${file}`).map(fromRoot)])))).toEqual([]);
});

test.each([
  ["none", { a: ["b", "c"], b: ["c"], c: [] }, []],
  ["two files", { a: ["b"], b: ["a"] }, ["a → b → a"]],
  ["a longer way", { a: ["b"], b: ["c"], c: ["d"], d: ["b"] }, ["b → c → d → b"]],
])("a circle is found: %s", (_, imports, circles) => {
  expect(circlesIn(new Map(Object.entries(imports)))).toEqual(circles);
});

/** The folders of `src`, of its framework and of its web, and the others that have a README. */
const rooms = [
  ...new Set([
    ...files.flatMap((file) => /^([\w-]+)\//.exec(file)?.[1] ?? []),
    ...files.flatMap((file) => /^((?:framework|web)\/[\w-]+)\//.exec(file)?.[1] ?? []),
    ...filesIn("src", "README.md").map((file) => posix.dirname(posix.relative("src", file))),
  ]),
];

test.each(rooms)("the README of %s begins with a sentence, and names only existing files", (room) => {
  const path = `src/${room}/README.md`;
  expect(existsSync(join(root, path)), `${path} is missing: say in it what the folder is for`).toBe(true);
  const text = read(path);
  const [, first = ""] = /^# .+\n\n([A-Z].*\n?.*?)\.(?:\n| )/.exec(text) ?? [];
  expect(first).toMatch(/^This (room|folder) /);
  expect(text.split("\n").length).toBeLessThanOrEqual(15);
  const named = [...text.matchAll(/`([\w./-]+\.\w+)`/g)].map(([, file = ""]) => file);
  const isThere = (file: string) =>
    [`src/${room}/${file}`, file].some((path) => existsSync(join(root, path)));
  expect(named.filter((file) => !isThere(file) && file !== "about.md")).toEqual([]);
});

test("every folder of the source has its rule", () => {
  const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
  const ruledFolders = new Set(ruled.map((file) => file.split("/")[0]));
  expect(
    [...folders].filter((folder) => !ruledFolders.has(folder)),
    "Use a folder of ARCHITECTURE.md (a workflow is in src/domain/x/…-workflow.ts), or give the new folder a rule here",
  ).toEqual(["bin", "server"]);
});

test("only the entry points and the tests know how the blog is put together", () => {
  const importers = files.filter((file) =>
    importsOf(file).some((imported) => /(^|\/)blog\.ts$/.test(imported)),
  );
  expect(importers.filter((file) => file.includes("/") && !/^(bin|server)\//.test(file))).toEqual([]);
});

test("the framework is only imported by its doors", () => {
  const outside = files.filter((file) => !file.startsWith("framework/"));
  const around = outside.filter((file) => targetsOf(file).some((target) => target.startsWith("framework/")));
  expect(around).toEqual([]);
  expect(Object.keys(packageJson.imports)).toEqual([
    "#sequent",
    "#sequent/operations",
    "#sequent/consumer",
    "#sequent/testing",
  ]);
});

test("the source knows nothing of tests, benchmarks, examples and tools, which may import everything", () => {
  const outsiders = files.flatMap((file) =>
    importsOf(file)
      .map((imported) => posix.normalize(posix.join("src", posix.dirname(file), imported)))
      .filter((target) => /^(test|bench|examples|tools)\//.test(target)),
  );
  expect(outsiders).toEqual([]);
});

test("an index is a door or the list of a domain module, which only blog.ts imports", () => {
  const isModule = (file: string) => /^domain\/[^/]+\/index\.ts$/.test(file);
  expect(files.filter((file) => /(^|\/)index\.ts$/.test(file) && !isModule(file))).toEqual([
    "consumer/index.ts",
    "framework/index.ts",
    "framework/testing/index.ts",
  ]);
  const importers = files.filter((file) => targetsOf(file).some(isModule));
  expect(importers.filter((file) => file !== "blog.ts")).toEqual([]);
});

test("every module, projector and workflow is imported by blog.ts, where it is listed", () => {
  const modules = files.flatMap((file) => /^domain\/(?!shared\/)[^/]+\//.exec(file) ?? []);
  const wanted = [
    ...new Set(modules.map((folder) => `${folder}index.ts`)),
    ...files.filter((file) => /^projections\/.*projector\.ts$|^domain\/.*workflow\.ts$/.test(file)),
  ];
  const listed = targetsOf("blog.ts");
  const forgotten = wanted.filter((file) => !listed.includes(file));
  expect(forgotten, "Import these in src/blog.ts, and add them to its lists").toEqual([]);
});

/** Code that returns another value each time. */
const unrepeatable = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\brandomUUID\(/;

test("the domain and projectors use no time and no chance of the machine, because each replay must do the same", () => {
  const askers = files
    .filter((file) => /^domain\/(?!.*workflow\.ts$)|^projections\/.*projector\.ts$/.test(file))
    .filter((file) => unrepeatable.test(textOf(file)));
  expect(askers, "Take the time of an event from its createdAt, and all else from the command").toEqual([]);
});

test.each([
  ["isOverdue: Date.now() > 0", true],
  ["{ publishedAt: new Date() }", true],
  ["new Date(createdAt)", false],
])("code that cannot be repeated is found: %s", (code, isSeen) => {
  expect(unrepeatable.test(code)).toBe(isSeen);
});

test("only tests in the blog's own folders use its domain: those of the framework use the shop", () => {
  const ofBlog =
    /^test\/(acceptance|browser|fuzz|unit\/(bench|domain|projections|seed))\/|\/blog\/|^test\/support\/people\.ts$/;
  const isDomain = /^\.\.\/(src\/(domain|seed|projections\/[\w-]+\/)|test\/support\/people\.ts$)/;
  const others = filesIn("test", ".ts").filter((file) => !ofBlog.test(file));
  expect(others.filter((file) => targetsOf(`../${file}`).some((target) => isDomain.test(target)))).toEqual(
    [],
  );
});

function mayImport(file: string, imported: string): boolean {
  const rule = rules.find(({ files }) => files.test(file));
  if (!rule || imported.startsWith("node:")) return true;
  const { files: pattern, may, packages = /./ } = rule;
  if (imported.startsWith("#")) return may.includes(imported);
  if (!imported.startsWith(".")) return packages.test(imported);
  const target = targetOf(file, imported);
  const [, group = ""] = pattern.exec(file) ?? [];
  return may.some((path) =>
    new RegExp(`^${path.replace("$1", group)}${path.endsWith("/") ? "" : "$"}`).test(target),
  );
}

/** The files of ours that a file imports. */
function targetsOf(file: string): string[] {
  return importsOf(file)
    .filter((imported) => imported.startsWith("."))
    .map((imported) => targetOf(file, imported));
}

function targetOf(file: string, imported: string): string {
  return posix.normalize(posix.join(posix.dirname(file), imported));
}

function importsOf(file: string): string[] {
  return [
    ...textOf(file).matchAll(
      /^(?:import|export)\b[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
    ),
  ].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
}

/** From `src` to the root of the project. */
function fromRoot(file: string): string {
  return posix.normalize(posix.join("src", file));
}

/** Each circle, once. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (way.includes(file) || done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

function textOf(file: string): string {
  return readFileSync(join(source, file), "utf8");
}
