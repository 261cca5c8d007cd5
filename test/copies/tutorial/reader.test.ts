import { mkdirSync, rmSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { Refused } from "../../../src/bin/command.ts";
import { checkReader } from "../../../tools/tutorial/check-reader.ts";
import { showDifference } from "../../../tools/tutorial/diff.ts";
import { goTo } from "../../../tools/tutorial/goto.ts";
import { Reader } from "../../../tools/tutorial/reader.ts";
import { read } from "../../support/files.ts";
import { GitFolder } from "../../support/git-folder.ts";

const chapter = `# 1 A list

## 1.1 Two names

**In** \`src/names.ts\`, add \`"Ada"\` to the list \`names\`.

## 1.2 Greet them

**Create** \`src/greet.ts\`:

\`\`\`ts
export const greet = (name: string) => ["Hello", name].join(" ");
\`\`\`

**In** \`src/names.ts\`, add \`"Tim"\` to the list \`names\`.
`;

vi.setConfig({ testTimeout: 60_000 }); // they start Git and Biome many times

const here = { databaseUrl: undefined, dataDirectory: "data" };

/** A project as \`npm run new\` makes it. */
function newProject(name = "blog"): GitFolder {
  const made = new GitFolder();
  onTestFinished(() => rmSync(made.folder, { recursive: true }));
  made.commit({
    ".template.json": JSON.stringify({ name, template: "../sequent-blog", commit: "1a2b3c4" }),
    ".gitignore": "/data/\n/.tutorial/\nnode_modules/\n",
    "biome.json": read("biome.json"),
    "package.json": JSON.stringify({ name, scripts: { types: "node -e 0" } }),
    "docs/tutorial/1-list.md": chapter,
    "vitest.config.ts": 'export default { test: { projects: [{ test: { name: "blog" } }] } };',
    "src/names.ts": 'export const names = ["Kim"];\n',
  });
  return made;
}

/** Returns what a command says. */
async function said(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  vi.spyOn(console, "error").mockImplementation((line) => void lines.push(line));
  await work();
  return lines.join("\n");
}

const check = (project: GitFolder) => said(() => checkReader(new Reader(project.folder)));

test("whoever goes to a step is told so by the check, and may go back to what was there", async () => {
  const project = newProject();
  const before = project.git("rev-parse", "--short", "HEAD");
  expect(await said(() => goTo(new Reader(project.folder), "1.2", here))).toContain(
    `git reset --hard ${before}`,
  );
  expect(project.read("src/names.ts")).toBe('export const names = ["Kim", "Ada", "Tim"];\n');
  expect(project.git("status", "--porcelain")).toBe("");
  expect(await check(project)).toContain(
    "as they are at the end of 1.2 Greet them, and the types are right.",
  );
});

test("files that are as told, but do not compile, are not fine", async () => {
  const project = newProject();
  await said(() => goTo(new Reader(project.folder), "1.2", here));
  project.write({ "package.json": JSON.stringify({ scripts: { types: "node -e 'throw 1'" } }) });
  expect(await check(project)).toMatch(
    /^Your files have all that 1\.2 Greet them tells, but the types are not right/,
  );
});

test("what is missing is said with its sentence, and no file is changed", async () => {
  const project = newProject();
  await said(() => goTo(new Reader(project.folder), "1.1", here));
  project.write({ "src/greet.ts": 'export const greet = (name: string) => ["Hello", name].join(" ");\n' });
  const status = project.git("status", "--porcelain");
  expect(await check(project)).toMatch(
    /^1\.2 Greet them is not complete.*`"Tim"` is not in the list `names` in src\/names\.ts.*1-list\.md, line 15:.*\*\*In\*\* `src\/names\.ts`/s,
  );
  expect(project.git("status", "--porcelain")).toBe(status);
});

test("what is written in another way is fine if it is green", async () => {
  const project = newProject();
  await said(() => goTo(new Reader(project.folder), "1.2", here));
  project.write({ "src/greet.ts": 'export const greet = (who: string) => ["Hello", who].join(" ");\n' });
  expect(await check(project)).toMatch(
    /differ.*these are green:\n\n {2}npm run types\n {2}npx vitest related .*src\/greet\.ts/,
  );
  project.write({ "package.json": JSON.stringify({ scripts: { types: "node -e 'throw 1'" } }) });
  expect(await check(project)).toMatch(/1\.2 Greet them is not complete.*npm run types fails/s);
});

test("a difference is shown by its lines", async () => {
  const project = newProject();
  await said(() => goTo(new Reader(project.folder), "1.1", here));
  expect(await said(() => showDifference(new Reader(project.folder), "1.1"))).toContain(
    "as they are at the end",
  );
  expect(await said(() => showDifference(new Reader(project.folder), "1.2"))).toMatch(
    /^-export const names = \["Kim", "Ada", "Tim"\];\n\+export const names = \["Kim", "Ada"\];$/m,
  );
});

test("what is stored is set aside on the way back only", async () => {
  const project = newProject();
  mkdirSync(project.at("data"));
  await said(() => goTo(new Reader(project.folder), "1.2", here));
  expect(project.has("data")).toBe(true);
  expect(await said(() => goTo(new Reader(project.folder), "1.1", here))).toMatch(
    /What was stored is in \.tutorial\/data-\d{14} now/,
  );
  expect(project.has("data")).toBe(false);
  expect(project.git("status", "--porcelain")).toBe("");
});

test("a database elsewhere is not touched on the way back", async () => {
  const project = newProject();
  mkdirSync(project.at("data"));
  await said(() => goTo(new Reader(project.folder), "1.2", here));
  const server = { ...here, databaseUrl: "postgres://localhost/blog" };
  expect(await said(() => goTo(new Reader(project.folder), "1.1", server))).toContain("npm run reset");
  expect(project.has("data")).toBe(true);
});

test("work that is not committed is not overwritten", async () => {
  const project = newProject();
  project.write({ "src/names.ts": "" });
  await expect(goTo(new Reader(project.folder), "1.1", here)).rejects.toThrow(
    /not committed.*src\/names\.ts/s,
  );
  await expect(goTo(new Reader(newProject().folder), "3.1", here)).rejects.toThrow(
    /no step 3\.1. There are: 1\.1, 1\.2/,
  );
});

test("a project of another name is no project of the tutorial", () => {
  expect(() => new Reader(newProject("shop").folder)).toThrow(Refused);
});
