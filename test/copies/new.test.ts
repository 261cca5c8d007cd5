import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Copy, run } from "../support/copy.ts";
import { root } from "../support/files.ts";
import { until } from "../support/until.ts";

/** This project as a commit, with what is not committed yet. */
let template: Copy;
const folder = mkdtempSync(join(tmpdir(), "new-projects-"));

beforeAll(async () => {
  template = new Copy();
  await template.run("git", "init", "--quiet", "--initial-branch=main");
  await template.run("git", "add", "--all", "--", ".", ":!node_modules");
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  await template.run("git", ...who, "commit", "--quiet", "--no-gpg-sign", "--message", "The template");
});
afterAll(() => {
  template.delete();
  if (!process.env["KEEP_COPY"]) rmSync(folder, { recursive: true, force: true });
});

/** Gives the folder of a new project. */
async function newProject(name: string, ...options: readonly string[]): Promise<string> {
  const place = join(folder, name);
  expect(await template.run("npm", "run", "new", "--", place, ...options)).toContain("npm install");
  return place;
}

/** The packages that are installed here: an install would bring the same. */
async function withPackagesOfHere(place: string): Promise<string> {
  const packages = join(place, "node_modules");
  if (!existsSync(packages)) symlinkSync(join(root, "node_modules"), packages, "junction");
  return place;
}

describe("a project of one's own", () => {
  let shop: string;
  beforeAll(async () => {
    shop = await newProject("shop");
  });

  test("begins with one commit on main, and is clean after npm install", async () => {
    await run(shop, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund");
    expect(await run(shop, "git", "log", "--format=%s %D")).toMatch(/^Begin Shop, .* HEAD -> main\n$/);
    expect(await run(shop, "git", "status", "--porcelain")).toBe("");
  });

  /**
   * What depends on the name of the project. The other tests are those of this project, word for word, and the slow suites stand
   * on the tests' own shop.
   */
  const parts = ["project", "unit/bin", "unit/domain", "unit/projections", "unit/shop"];

  test.each([
    ["lint"],
    ["types"],
    ["test", "--", ...parts.map((part) => `test/${part}`)],
    ["test:processes", "--", "test/processes/production.test.ts"],
  ])("npm run %s is green", async (...words) => {
    await run(shop, "npm", "run", ...words);
  });

  test("npm start shows a page that says what comes next", async () => {
    const env = { ...process.env, PORT: "0", DATABASE_URL: undefined };
    const server = spawn("npm", ["start"], { cwd: shop, env, detached: true });
    let output = "";
    server.stdout.on("data", (text) => {
      output += text;
    });
    try {
      const started = /The shop is at (http:\/\/\S+)/;
      await until(() => started.test(output), 30_000);
      const [, address = ""] = started.exec(output) ?? [];
      const answer = await fetch(address);
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining("npm run generate -- page Post"),
      ]);
    } finally {
      process.kill(-(server.pid ?? 0), "SIGTERM");
    }
  });

  test("the example can be taken away, as the guide says", async () => {
    const bare = await withPackagesOfHere(await newProject("bare"));
    const guide = template.read("docs/guides/starting-your-own.md");
    await run(bare, "bash", "-euc", /^rm -r .*$/m.exec(guide)?.[0] ?? "no such command");
    for (const path of ["src/bare.ts", "src/projections/queries.ts"]) {
      const text = readFileSync(join(bare, path), "utf8");
      const without = text.replace(/^import .*\b[pP]ost.*\n/gm, "").replace(/= \[[pP]ost\w*\]/g, "= []");
      writeFileSync(join(bare, path), without.replace(/^ *\.\.\.postQueries,\n/m, ""));
    }
    await run(bare, "npm", "run", "types");
    await run(bare, "npm", "test", "--", "test/unit/bare.test.ts");
  });

  test("no proof of the framework is gone", () => {
    expect(countProofs(shop)).toEqual(countProofs(root));
  });
});

describe("without sign-in", () => {
  let plain: string;
  beforeAll(async () => {
    plain = await newProject("plain", "--without-sign-in");
  });

  test("npm install changes nothing: the packages of mail are gone, too", async () => {
    await run(plain, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--package-lock-only");
    expect(await run(plain, "git", "status", "--porcelain")).toBe("");
    expect(readFileSync(join(plain, "package-lock.json"), "utf8")).not.toContain("nodemailer");
  });

  const parts = ["project", "unit/database", "unit/server", "unit/settings", "unit/web"];
  test.each([["lint"], ["types"], ["test", "--", ...parts.map((part) => `test/${part}`)]])(
    "npm run %s is green",
    async (...words) => {
      await run(await withPackagesOfHere(plain), "npm", "run", ...words);
    },
  );
});

/** Some tests of pages, and all that know the words of the blog. The others are the same, word for word. */
const ofTheBlog =
  "test -- test/acceptance/rights test/acceptance/writing test/project test/unit/domain test/unit/projections test/unit/seed";

test.each([
  [
    "market",
    "Author:Vendor,Post:Product",
    ["lint", "types", ofTheBlog, "test:postgres -- test/postgres/market/list-plans.test.ts"],
  ],
  ["book-club", "Author:Person/People,Post:BookReview", ["types", ofTheBlog]],
])("the blog in other words, as %s with %s, is green", async (name, rename, scripts) => {
  const place = await withPackagesOfHere(await newProject(name, "--from", "blog", "--rename", rename));
  for (const script of scripts) await run(place, "npm", "run", ...script.split(" "));
});

test("nothing is made if a word is the name of something else", async () => {
  const made = newProject("clash", "--from", "blog", "--rename", "Author:Client");
  await expect(made).rejects.toThrow(/These words cannot be used.*client/s);
  await expect(run(folder, "ls", "clash")).rejects.toThrow(/No such file/);
});

test("--dry-run lists the files, and makes none", async () => {
  const list = await template.run("npm", "run", "new", "--", join(folder, "none"), "--dry-run");
  expect(list).toMatch(/^src\/none\.ts$/m);
  await expect(run(folder, "ls", "none")).rejects.toThrow(/No such file/);
  const clash = newProject("clash", "--dry-run", "--from", "blog", "--rename", "Author:Client");
  await expect(clash).rejects.toThrow(/These words cannot be used: clash, Client\./);
});

/** How many tests each file of the framework and its operations has. */
function countProofs(directory: string): Record<string, number> {
  const folders = ["framework", "database", "doctor", "bin", "server"].map((each) => `test/unit/${each}`);
  const paths = folders.flatMap((each) =>
    readdirSync(join(directory, each), { recursive: true }).map((path) => `${each}/${path}`),
  );
  const tests = paths.filter((path) => path.endsWith(".test.ts"));
  return Object.fromEntries(
    tests.map((path) => [path, testsIn(readFileSync(join(directory, path), "utf8"))]),
  );
}

function testsIn(text: string): number {
  return text.match(/\b(test|describe)(\.\w+)*\(/g)?.length ?? 0;
}
