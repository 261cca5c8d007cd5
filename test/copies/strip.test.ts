import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Copy, run } from "../support/copy.ts";
import { root } from "../support/files.ts";

let copy: Copy;

beforeAll(async () => {
  copy = new Copy();
  await strip();
  await copy.run("npm", "run", "fix");
});
afterAll(() => copy.delete());

/** Of the slowest suite, the tests that once asked for the blog. The others take minutes, and stand on the shop anyway. */
const programs = ["doctor", "production", "versions"]
  .map((name) => `test/processes/${name}.test.ts`)
  .join(" ");

test.each(["check", "test:postgres", `test:processes -- ${programs}`])(
  "without the blog, npm run %s is green",
  async (script) => {
    await copy.run("npm", "run", ...script.split(" "));
  },
);

test("without the blog, no proof of the framework is gone", async () => {
  expect(await countProofs(copy.directory)).toEqual(await countProofs(root));
});

/** The blog goes, and a program without any aggregate is left. */
async function strip(): Promise<void> {
  const [, deletions = ""] =
    /What to delete[\s\S]*?```sh\n([\s\S]*?)```/.exec(copy.read("ARCHITECTURE.md")) ?? [];
  await copy.run("bash", "-euc", deletions);

  copy.edit(
    "src/blog.ts",
    [/^import .* from "\.\/(domain|projections\/.*\/projector).*\n/gm, ""],
    ["modules = [author, post]", "modules: readonly DomainModule[] = []"],
    [/projectors = \[.*\]/, "projectors: readonly ProjectorClass[] = []"],
    ["import {\n", 'import type { DomainModule } from "#sequent";\nimport {\n'],
    ["  PostgresEventStore,\n", "  PostgresEventStore,\n  type ProjectorClass,\n"],
  );
  copy.edit(
    "src/projections/queries.ts",
    [/^(import|export) type \{ (AuthorRecord|Post\w*) \}.*\n/gm, ""],
    [
      /interface Queries \{[\s\S]*?\n\}/,
      "export interface Queries {\n  StateOfDatabase: { takes: object; answer: string | undefined };\n}",
    ],
    [/^\/\*\* .*\nexport interface ShownPost [\s\S]*?(?=^\/\*\* .*\nexport interface PageOf<)/m, ""],
  );
  copy.edit(
    "src/projections/query-service.ts",
    [/^import .*"\.\/[\w-]+\/queries\.ts";\n/gm, ""],
    [/translations: Translations = \{[\s\S]*?\n\};/, "translations: Translations = { StateOfDatabase };"],
  );
  copy.write(
    "src/seed/seed.ts",
    `import type { CommandService } from "#sequent/operations";

/** Sends commands that make something to look at. */
export async function seed(
  _commandService: CommandService,
  _onProgress: (done: number, total: number) => void,
): Promise<void> {}
`,
  );
  copy.edit(
    "src/web/app.ts",
    [/^import .*"\.\/pages\/(authors|feed|home|posts)\.ts";\n/gm, ""],
    ["import { pages }", 'import type { PageParts } from "./pages/resources.ts";\nimport { pages }'],
    [/pageRoutes = \[.*\]/, "pageRoutes: readonly ((parts: PageParts) => Router)[] = []"],
    [", signUps]", "]"],
  );

  copy.edit("package.json", [/^ {4}"(bench|test:browser|test:fuzz)": .*\n/gm, ""]);
  copy.edit(
    "README.md",
    [/^[\s\S]*?(?=You need Node)/, "# A program\n\n"],
    [/There are no passwords[\s\S]*(?=## Commands)/, ""],
    [/^\| `npm run (bench|test:browser|test:fuzz)` .*\n/gm, ""],
  );
}

/** How many tests of the framework and its operations each file has. */
async function countProofs(directory: string): Promise<Record<string, number>> {
  const folders = ["framework", "database", "doctor", "bin", "server"].map((each) => `test/unit/${each}`);
  const list = await run(directory, "npx", "vitest", "list", "--project", "blog", ...folders, "--json");
  const counts: Record<string, number> = {};
  for (const { file } of JSON.parse(list) as { file: string }[]) {
    const path = relative(realpathSync(directory), file);
    counts[path] = (counts[path] ?? 0) + 1;
  }
  return counts;
}
