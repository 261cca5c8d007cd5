import { describe, expect, test } from "vitest";
import { generate } from "../../../tools/generate/kinds.ts";
import { Tree } from "../../../tools/tree.ts";
import { read } from "../../support/files.ts";

/** The files that a generator reads or changes, as short as they can be. */
const project: ReadonlyMap<string, string> = new Map([
  ["src/framework/index.ts", read("src/framework/index.ts")],
  [
    "src/blog.ts",
    "export const modules: readonly DomainModule[] = [];\nexport const projectors: readonly ProjectorClass[] = [];\nexport const workflowsOf: (parts: BlogParts) => readonly WorkflowClass[] = () => [];\nconst { write } = parts;\n",
  ],
  ["src/projections/queries.ts", "export const queries = { StateOfDatabase };\n"],
  ["src/web/app.ts", "const pageRoutes: readonly PageRoutes[] = [homeRoutes];\n"],
  ["src/web/site.ts", 'export const site: Site = {\n  navigation: [{ label: "Home", path: "/" }],\n};\n'],
]);

/** Each command as it is typed. */
function projectAfter(commands: readonly string[], files: ReadonlyMap<string, string> = project): Tree {
  const tree = new Tree(files);
  for (const line of commands) notesOf(tree, line);
  return tree;
}

function notesOf(tree: Tree, line: string): readonly string[] {
  const [kind = "", ...words] = line.split(" ");
  const plural = words.indexOf("--plural");
  if (plural < 0) return generate(tree, kind, words);
  return generate(tree, kind, words.toSpliced(plural, 2), { plural: words[plural + 1] });
}

const kite = ["aggregate Kite name:string(notBlank) size:integer", "projection Kite", "page Kite"];
const bodyOf = (text: string) => text.slice(text.indexOf("export class")).replace(/[\s,]+/g, "");
const titlesIn = (text: string) =>
  [...text.matchAll(/^test(?:\.todo)?\(\s*"([^"]+)"/gm)].map(([, title]) => title);

test("an aggregate with its view and its page has these files, and its lists know it", () => {
  const { changes } = projectAfter(kite);
  expect(new Set(changes.keys())).toEqual(
    new Set([
      "src/blog.ts",
      "src/domain/kite/commands.ts",
      "src/domain/kite/events.ts",
      "src/domain/kite/index.ts",
      "src/domain/kite/kite-command-handler.ts",
      "src/domain/kite/kite.ts",
      "src/projections/kite/projector.ts",
      "src/projections/kite/queries.ts",
      "src/projections/kite/record.ts",
      "src/projections/queries.ts",
      "src/web/app.ts",
      "src/web/pages/kites.ts",
      "src/web/site.ts",
      "test/acceptance/kites.test.ts",
      "test/unit/domain/kite.test.ts",
      "test/unit/projections/kite-projector.test.ts",
      "views/kites/index.ejs",
      "views/kites/new.ejs",
      "views/kites/show.ejs",
    ]),
  );
  expect(changes.get("src/blog.ts")).toMatch(/ modules: .* = \[.*\bkite\]/);
  expect(changes.get("src/blog.ts")).toMatch(/ projectors: .* = \[.*\bKiteProjector\]/);
  expect(changes.get("src/projections/queries.ts")).toContain("...kiteQueries");
  expect(changes.get("src/web/app.ts")).toMatch(/ pageRoutes: .* = \[.*\bkiteRoutes\]/);
  expect(changes.get("src/web/site.ts")).toContain(`{ label: "Kites", path: "/kites" }]`);
});

describe("a name that is taken or means something else is refused, and says why", () => {
  test.each([
    ["aggregate Error", "JavaScript or Node has something of this name"],
    ["aggregate Map", "JavaScript or Node"],
    ["aggregate class", "JavaScript has this word"],
    ["aggregate Text", "#sequent exports it"],
    ["aggregate Attribute", "#sequent exports it"],
    ["aggregate Test", "its files use the name"],
    ["aggregate toString", "is taken"],
    ["aggregate 9Lives", "cannot be the name of an aggregate"],
    ["aggregate ../x", "cannot be the name of an aggregate"],
    ["aggregate Kite", "Kite is there already: src/domain/kite"],
    ["aggregate Modules", "its files use the name"],
    ["aggregate Write", "src/blog.ts uses it"],
    ["aggregate Bow bow:string", 'cannot be named "bow", too'],
    ["aggregate Bow KiteId:uuid", "the first one small"],
    [
      "aggregate Bow target:reference(Arrow)",
      "There is no aggregate Arrow yet. Make it first: npm run generate -- aggregate Arrow",
    ],
    [
      "aggregate Bow home:object(Tent)",
      "There is no value object Tent. Make it by hand first, in src/domain/shared/tent.ts",
    ],
    ["aggregate Bow spare:reference(Bow)", 'Write "spare:optional(reference(Bow))"'],
    ["command Bow ShootBow", "There is no aggregate Bow yet"],
    ["command Kite AddKite", "src/domain/kite/commands.ts has it"],
    ["command Kite KiteAdded", "src/domain/kite/events.ts has it"],
    ["command Kite Error", "JavaScript or Node"],
    ["command Kite", '"" cannot be the name of a command'],
    ["event Kite KiteAdded", "src/domain/kite/events.ts has it"],
    ["event Kite KiteSizeSet size:string", "Kite remembers size as integer, not as string"],
    [
      "event Kite KiteSizeSet size:optional(integer)",
      "Kite always has size. Make it optional in its state first",
    ],
    ["projection Kite", "The view of Kite is there already: src/projections/kite"],
    ["page Kite", "The page of Kite is there already: src/web/pages/kites.ts"],
    ["page Kite name:string", "A page takes no attributes"],
    ["kite Kite", '"kite" cannot be generated. There are: aggregate, command'],
  ])("%s", (line, why) => {
    const tree = projectAfter(kite);
    const before = [...tree.changes];
    expect(() => notesOf(tree, line)).toThrow(why);
    expect([...tree.changes]).toEqual(before);
  });

  test.each([
    ["projection Bow name:integer", "The events have name as string, not as integer"],
    ["projection Bow code:secret", "code is a secret"],
    ["page Bow", "There is no view of Bow yet. Make it first: npm run generate -- projection Bow"],
    ["projection Bow --plural Kites", "There is a query Kites already"],
    ["projection Bow --plural Bows`", '"Bows`" cannot be the name'],
    ["page Bow --plural Bowes", "--plural belongs to a projection"],
    ["command Bow LockBow code:string", 'code of Bow is a secret. Write it so here, too: "code:secret"'],
    ["event Bow BowNamed name:string", 'Write it so here, too: "name:personal(string())"'],
  ])("of an aggregate without a view: %s", (line, why) => {
    const tree = projectAfter([...kite, "aggregate Bow name:personal(string) code:secret"]);
    expect(() => notesOf(tree, line)).toThrow(why);
  });

  test("a table, a route or a name in a list of another part", () => {
    const tree = projectAfter([...kite, "aggregate Bow name:string", "projection Bow"]);
    const taken = new Map([...project, ...tree.changes]);
    taken.set("src/web/pages/weapons.ts", 'resources(forms, { "/bows": {} })');
    expect(() => notesOf(new Tree(taken), "page Bow")).toThrow(
      "There is a page /bows already, in src/web/pages/weapons.ts",
    );
  });
});

describe("names that need care", () => {
  test("an aggregate may refer to others of its kind", () => {
    const tree = projectAfter([
      "aggregate Part within:optional(reference(Part)) spares:list(reference(Part))",
    ]);
    expect(tree.read("src/domain/part/commands.ts")).toContain('within: optional(reference("Part"))');
  });

  test("a word of SQL is no hindrance", () => {
    const { changes } = projectAfter(["aggregate Order group:string", "projection Order", "page Order"]);
    expect(changes.get("src/projections/order/queries.ts")).toContain(
      "from view_schema.order_records as orders",
    );
  });

  test("a noun in small letters, whose plural is the same", () => {
    const { changes } = projectAfter([
      "aggregate pokemon name:string",
      "projection pokemon --plural pokemon",
      "page pokemon",
    ]);
    expect(changes.get("src/projections/pokemon/queries.ts")).toContain("AllPokemon: (views");
    expect(changes.get("src/web/pages/pokemon.ts")).toContain('"/pokemon/:pokemonId"');
    expect(changes.get("views/pokemon/index.ejs")).toContain("for (const pokemon of allPokemon.rows)");
  });

  test("a plural of its own, which the page takes from the view", () => {
    const { changes } = projectAfter([
      "aggregate Goose name:string",
      "projection Goose --plural Geese",
      "page Goose",
    ]);
    expect(changes.has("views/geese/index.ejs")).toBe(true);
  });
});

describe("a command and its event", () => {
  const command = "command Kite RenameKite name:string(notBlank)";
  const event = "event Kite KiteNameSet name:string";
  const files = ["src/domain/kite/kite.ts", "src/domain/kite/commands.ts", "src/domain/kite/events.ts"];

  test("find each other in any order, also if the view is there before them", () => {
    const orders = [
      [...kite, command, event],
      [...kite, event, command],
      [kite[0] ?? "", command, event, ...kite.slice(1)],
    ].map((order) => projectAfter(order));
    for (const file of [...files, "src/projections/kite/projector.ts"])
      expect(new Set(orders.map((tree) => bodyOf(tree.read(file)))), file).toHaveLength(1);
    for (const tree of orders) {
      expect(tree.read("src/domain/kite/kite.ts")).toContain("this.applyIfChanged(KiteNameSet, { name });");
      expect(titlesIn(tree.read("test/unit/domain/kite.test.ts")).sort()).toEqual([
        "AddKite is refused without a name",
        "AddKite leads to KiteAdded",
        "RenameKite leads to KiteNameSet",
        "a kite remembers KiteNameSet",
      ]);
      expect(titlesIn(tree.read("test/unit/projections/kite-projector.test.ts"))).toContain(
        "KiteNameSet changes the row",
      );
    }
  });

  test("a command without an event says what to do, where it is decided, tested and told", () => {
    const tree = projectAfter(kite);
    const [note] = notesOf(tree, command);
    expect(note).toContain(
      "Generate the event that says what has changed, or write rename() in src/domain/kite/kite.ts",
    );
    expect(tree.read("src/domain/kite/kite.ts")).toContain("RenameKite is not decided yet");
    expect(tree.read("test/unit/domain/kite.test.ts")).toContain("test.todo(");
  });

  test("a method that somebody has written is left alone", () => {
    const tree = projectAfter([...kite, command]);
    const written = new Map([...project, ...tree.changes]);
    const own = tree.read("src/domain/kite/kite.ts").replace(/throw new Error\([^)]*\)/, "return");
    const later = projectAfter([event], written.set("src/domain/kite/kite.ts", own));
    expect(later.read("src/domain/kite/kite.ts")).not.toContain("apply(KiteNameSet");
    expect(later.read("src/domain/kite/kite.ts")).not.toContain("applyIfChanged(KiteNameSet");
  });

  test("among several events with the same values, or none, the verb decides", () => {
    const tree = projectAfter([
      ...kite,
      "event Kite KitePublished",
      "event Kite KiteClosed",
      "command Kite CloseKite",
      "command Kite PublishKite",
      "command Kite FlyKite",
    ]);
    const text = tree.read("src/domain/kite/kite.ts");
    expect(text).toMatch(/close\(\): void \{\s+this\.apply\(KiteClosed\);/);
    expect(text).toMatch(/publish\(\): void \{\s+this\.apply\(KitePublished\);/);
    expect(text).toMatch(/fly\(\): void \{\s+throw new Error/);
    expect(text).toContain("on(KiteClosed, () => ({ isClosed: true }))");
  });
});

describe("an event", () => {
  test("with values that were there from the beginning happens only if one has changed, and any other each time", () => {
    const tree = projectAfter([
      ...kite,
      "event Kite KiteRenamed name:string",
      "command Kite RenameKite name:string",
      "event Kite TailColourSet colour:string",
      "command Kite PaintTail colour:string",
      "event Kite KiteFlown wind:integer",
      "command Kite FlyKite wind:integer",
    ]);
    const text = tree.read("src/domain/kite/kite.ts");
    expect(text).toContain("this.applyIfChanged(KiteRenamed, { name });");
    expect(text).toContain("this.applyIfChanged(TailColourSet, { colour });");
    expect(text).toContain("this.apply(KiteFlown, { wind });");
  });

  test("without values is a flag, in the aggregate and in a view that asks for it", () => {
    const tree = projectAfter([
      kite[0] ?? "",
      "event Kite KiteLost",
      "projection Kite name:text isLost:boolean",
    ]);
    expect(tree.read("src/domain/kite/kite.ts")).toContain("isLost: optional(boolean())");
    expect(tree.read("src/projections/kite/record.ts")).toContain("is_lost: column.boolean,");
    expect(tree.read("src/projections/kite/projector.ts")).toContain("is_lost: false");
    expect(tree.read("src/projections/kite/projector.ts")).toContain("{ is_lost: true }");
  });

  test("that a column waits for is found when it comes, and named until then", () => {
    const tree = projectAfter(kite.slice(0, 1));
    expect(notesOf(tree, "projection Kite name:text colour:string isLost:boolean")).toEqual([
      expect.stringContaining("npm run generate -- event Kite KiteColourSet colour:string"),
      expect.stringContaining("npm run generate -- event Kite KiteLost"),
    ]);
    notesOf(tree, "event Kite KiteColourSet colour:string");
    notesOf(tree, "event Kite KiteLost");
    expect(tree.read("src/projections/kite/projector.ts")).toContain("{ colour }");
    expect(tree.read("src/projections/kite/projector.ts")).toContain("{ is_lost: true }");
  });
});

test("the values of an event that a view has no column for are named, with what to do", () => {
  const tree = projectAfter(kite);
  expect(notesOf(tree, "event Kite KiteResized size:integer")).toEqual([]);
  for (const [event, names] of [
    ["KitePainted size:integer colour:string sides:integer", "colour and sides"],
    ["KiteLost", "isLost"],
  ])
    expect(notesOf(tree, `event Kite ${event}`)).toEqual([
      expect.stringMatching(`^The view has no column for ${names}\\. .* src/projections/kite/record\\.ts,`),
    ]);
  expect(notesOf(projectAfter(kite.slice(0, 1)), "event Kite KiteLost")).toEqual([]); // there is no view yet
});

describe("a workflow", () => {
  test("is in the folder of its event, is listed, and has a test", () => {
    const { changes } = projectAfter([...kite, "workflow Wind KiteAdded"]);
    expect(changes.get("src/domain/kite/wind-workflow.ts")).toContain("on(KiteAdded, () => {");
    expect(changes.get("src/blog.ts")).toContain("() => [WindWorkflow];");
    expect(changes.get("test/unit/domain/wind-workflow.test.ts")).toContain(
      "await when(KiteAdded.of(kite, {",
    );
  });

  test("comes after others that get something from the parts", () => {
    const files = projectAfter(kite).changes;
    const blog =
      files.get("src/blog.ts")?.replace("() => []", "({ mailer }) => [\n  mails(mailer),\n]") ?? "";
    const { changes } = projectAfter(
      ["workflow wind-workflow KiteAdded"],
      new Map(files).set("src/blog.ts", blog),
    );
    expect(changes.get("src/blog.ts")).toContain("({ mailer }) => [\n  mails(mailer),\nWindWorkflow]");
  });

  test("needs an event that there is", () => {
    expect(() => projectAfter([...kite, "workflow Wind"])).toThrow("Say the event that it reacts to");
    expect(() => projectAfter([...kite, "workflow Wind KiteGone"])).toThrow("There are: KiteAdded.");
    expect(() => projectAfter(["workflow Wind KiteAdded"])).toThrow("none yet");
  });
});

describe("a file that is not as expected", () => {
  const anchors: [string, string, RegExp, string][] = [
    ["aggregate Bow", "src/blog.ts", / modules\b/, "modules = [… bow]"],
    ["projection Kite", "src/blog.ts", / projectors\b/, "projectors = [… KiteProjector]"],
    ["projection Kite", "src/projections/queries.ts", / queries =/, "queries = [… ...kiteQueries]"],
    ["page Kite", "src/web/app.ts", / pageRoutes\b/, "pageRoutes = [… kiteRoutes]"],
    ["page Kite", "src/web/site.ts", /navigation: \[/, 'navigation: [… { label: "Kites", path: "/kites" }]'],
    ["workflow Wind KiteAdded", "src/blog.ts", / workflowsOf\b/, "workflowsOf … => [… WindWorkflow]"],
    ["command Kite FlyKite", "src/domain/kite/kite-command-handler.ts", / handlers =/, "on(FlyKite,"],
    ["command Kite FlyKite", "src/domain/kite/kite.ts", / handlers =/, "fly(): void {"],
    ["event Kite KiteFlown", "src/domain/kite/kite.ts", / handlers =/, "on(KiteFlown,"],
    ["event Kite KiteFlown", "src/domain/kite/kite.ts", /extends AggregateRoot\(/, "on(KiteFlown,"],
    ["event Kite KiteNamed name:string", "src/projections/kite/projector.ts", / handlers =/, "on(KiteNamed,"],
  ];

  /** The kite up to what the command needs. */
  const before = (line: string) =>
    projectAfter(
      line.startsWith("projection") ? kite.slice(0, 1) : line.startsWith("page") ? kite.slice(0, 2) : kite,
    );

  test.each(anchors)("%s: nothing is written, and the lines for %s are told", (line, path, anchor, lines) => {
    const tree = before(line);
    const other = tree.read(path).replace(anchor, (found) => found.replace(/\w/, "_"));
    expect(other).not.toBe(tree.read(path));
    const attempt = () => projectAfter([line], new Map([...project, ...tree.changes]).set(path, other));
    expect(attempt).toThrow("Nothing was changed");
    expect(attempt).toThrow(`In ${path}: `);
    expect(attempt).toThrow(lines);
  });

  test("a place that is there twice is not guessed either", () => {
    const twice = `${project.get("src/blog.ts")}\nconst modules = [];`;
    expect(() => projectAfter(["aggregate Bow"], new Map(project).set("src/blog.ts", twice))).toThrow(
      "`modules` is found 2 times",
    );
  });

  test("a change that was made by hand is left alone", () => {
    const byHand = `import { bow } from "./domain/bow/index.ts";\n${project.get("src/blog.ts")?.replace(" modules", " allModules")}\nallModules.push(bow);`;
    expect(() => projectAfter(["aggregate Bow"], new Map(project).set("src/blog.ts", byHand))).not.toThrow();
  });
});
