import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../tools/generate/kinds.ts";
import { Tree } from "../../tools/tree.ts";
import { readTexts } from "../../tools/work-tree.ts";
import { Copy } from "../support/copy.ts";
import { root } from "../support/files.ts";
import { until } from "../support/until.ts";

let copy: Copy;

/** One attribute of each type, with its rules. */
const types = [
  "name:string(notBlank,maxLength(80))",
  "about:text(maxBytes(64*1024))",
  "rank:integer(atLeast(100),atMost(200))",
  "fee:decimal(atLeast(-1))",
  "isOpen:boolean",
  "since:date",
  "closesAt:time",
  "state:oneOf(small,very big)",
  "otherId:uuid",
  "gooseId:reference(Goose)",
  "mail:personal(email(visible))",
  "password:secret(minLength(30))",
  "code:string(minLength(3),maxLength(4))",
  "home:object(Address)",
  "tags:list(string(notBlank))",
  "geese:list(reference(Goose))",
  "homes:list(object(Address))",
];
const isOptional = (type: string) => !/secret|list/.test(type);
/** The same attributes, which may be left out, under other names. */
const optionals = types
  .filter(isOptional)
  .map((each) => each.replace(/^(\w+):(.*)$/, "$1Later:optional($2)"));

/** Each kind in several orders, as somebody would type them. */
const commands: readonly (readonly string[])[] = [
  ["aggregate", "Goose"],
  ["projection", "Goose", "--plural", "Geese"],
  ["page", "Goose"],
  ["event", "Goose", "GooseNamed", "name:string"],

  ["aggregate", "Vendor", ...types],
  ["command", "Vendor", "ChangeVendor", ...types],
  ["event", "Vendor", "VendorChanged", ...types],
  ["event", "Vendor", "VendorCompleted", ...optionals],
  ["command", "Vendor", "CompleteVendor", ...optionals],
  ["event", "Vendor", "VendorClosed"],
  ["projection", "Vendor"],
  ["page", "Vendor"],

  ["aggregate", "Order", ...optionals],
  ["page before its view", "Order"],
  ["projection", "Order", "nameLater:text", "group:string", "sinceLater:date", "isCancelled:boolean"],
  ["page", "Order"],
  ["event", "Order", "OrderGrouped", "group:string"],
  ["command", "Order", "CancelOrder"],
  ["command", "Order", "ShipOrder", "vendorId:reference(Vendor)"],
  ["command", "Order", "GroupOrder", "group:string(notBlank)"],
  ["event", "Order", "OrderCancelled"],
  ["workflow", "Remind", "OrderCancelled"],
  ["workflow", "Greet", "VendorChanged"],

  [
    "aggregate",
    "SparePart",
    "name:string",
    "within:optional(reference(SparePart))",
    "likes:list(reference(SparePart))",
  ],
  ["workflow", "Shortage", "SparePartAdded"],
  ["projection", "SparePart"],
  ["page", "SparePart"],

  ["aggregate", "pokemon", "order:reference(Order)", "vendors:list(reference(Vendor))"],
  ["projection", "pokemon", "--plural", "pokemon"],
  ["page", "pokemon"],
];

beforeAll(async () => {
  copy = new Copy();
  copy.write(
    "src/domain/shared/address.ts",
    `import { notBlank, string, ValueObject } from "#sequent";

export class Address extends ValueObject({ street: string(notBlank), city: string(notBlank) }) {}
`,
  );
  const tree = new Tree(readTexts(copy.directory));
  for (const [kind = "", ...words] of commands) {
    if (kind.endsWith("view")) {
      expect(() => generate(tree, "page", words)).toThrow("Make it first: npm run generate -- projection");
      continue;
    }
    const at = words.indexOf("--plural");
    generate(tree, kind, at < 0 ? words : words.slice(0, at), { plural: at < 0 ? undefined : words[at + 1] });
  }
  for (const [path, text] of tree.changes) copy.write(path, text);
  await copy.run("npm", "run", "fix");
});
afterAll(() => copy.delete());

/** All tests that see a new part: its own, those of the lists, and those of the whole project. */
const seeing = [
  "test/unit/domain",
  "test/unit/projections",
  "test/unit/blog.test.ts",
  "test/project",
  ...["geese", "vendors", "orders", "spare-parts", "pokemon"].map(
    (page) => `test/acceptance/${page}.test.ts`,
  ),
];

test("whatever was generated, in whatever order, has no lint, compiles and is green", async () => {
  await copy.run("npm", "run", "lint");
  await copy.run("npm", "run", "types");
  expect(await copy.run("npm", "test", "--", ...seeing)).toContain(" 1 todo "); // ShipOrder has no event
});

describe("npm run generate", () => {
  beforeAll(() => {
    // It compiles the project before and after. What it writes is in these folders.
    copy.edit("tsconfig.json", [
      /"include": \[.*\]/,
      '"include": ["src", "test/acceptance", "test/unit/domain", "test/unit/projections"]',
    ]);
  });

  const run = (...words: string[]) => copy.run("npm", "run", "--silent", "generate", "--", ...words);
  const textsOf = () => readTexts(copy.directory);

  test("shows what would change, then changes it, and does so once", async () => {
    const before = textsOf();
    const difference = await run("aggregate", "Kite", "name:string", "--dry-run");
    expect(difference).toContain("+++ b/src/domain/kite/kite.ts");
    expect(difference).toMatch(/^\+.*\bkite[\],]/m);
    expect(textsOf()).toEqual(before);

    expect(await run("aggregate", "Kite", "name:string")).toContain("new      src/domain/kite/kite.ts");
    const after = textsOf();
    expect(after.size).toBe(before.size + 6);
    await expect(run("aggregate", "Kite", "name:string")).rejects.toThrow(
      "Kite is there already: src/domain/kite",
    );
    expect(textsOf()).toEqual(after);
  });

  test("changes nothing where a list has gone, and says what to add", async () => {
    const program = copy.read("src/blog.ts");
    copy.edit("src/blog.ts", [/\bmodules\b/g, "parts0"]);
    const before = textsOf();
    await expect(run("aggregate", "Bow")).rejects.toThrow('import { bow } from "./domain/bow/index.ts";');
    expect(textsOf()).toEqual(before);
    copy.write("src/blog.ts", program);
  });

  test("takes everything back if the project would not compile with it, and says why", async () => {
    const door = copy.read("src/framework/index.ts");
    copy.edit("src/framework/index.ts", [/^ {2}minLength,\n/m, ""]); // others miss it, too: only the new errors are told
    const before = textsOf();
    await expect(run("aggregate", "Bow", "wood:string(minLength(3))")).rejects.toThrow(
      /would not compile any more:\s+src\/domain\/bow\/commands\.ts\(.*minLength.*\s+$/,
    );
    expect(textsOf()).toEqual(before);
    copy.write("src/framework/index.ts", door);
  });

  test("takes everything back at Ctrl-C", async () => {
    const before = textsOf();
    const args = ["--import", "./src/typescript.js", "tools/generate.ts", "aggregate", "Bow"];
    const child = spawn(process.execPath, args, { cwd: copy.directory });
    await until(() => textsOf().size > before.size, 60_000);
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(textsOf()).toEqual(before);
  });

  test.each(["@biomejs", "typescript"])("changes nothing if %s is not installed", async (missing) => {
    const before = textsOf();
    const packages = join(copy.directory, "node_modules");
    rmSync(packages);
    mkdirSync(packages);
    for (const name of readdirSync(join(root, "node_modules")))
      if (name !== missing) symlinkSync(join(root, "node_modules", name), join(packages, name), "junction");
    await expect(run("command", "Author", "MoveAuthor", "city:string")).rejects.toThrow(
      /Nothing was changed.*--omit=dev/,
    );
    expect(textsOf()).toEqual(before);
    rmSync(packages, { recursive: true });
    symlinkSync(join(root, "node_modules"), packages, "junction");
  });
});
