import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actsOf, type Run, type Start } from "../../tools/tutorial/acts.ts";
import type { Edit } from "../../tools/tutorial/edits.ts";
import { Ids, printed } from "../../tools/tutorial/shapes.ts";
import { freePorts, Terminal } from "../../tools/tutorial/terminal.ts";
import { filesIn, read, root } from "../support/files.ts";
import { OwnServer } from "../support/own-server.ts";

const acts = actsOf(read("docs/guides/into-an-existing-express-app.md"));
const place = mkdtempSync(join(tmpdir(), "express-app-"));
const app = join(place, "toolshed");
let server: OwnServer;
let terminal: Terminal;
let ids = new Ids();

beforeAll(async () => {
  server = await OwnServer.create();
  await server.start();
  terminal = new Terminal(app, await freePorts());
  for (const path of ["src/framework", "migrations", "LICENSE"])
    cpSync(join(root, path), join(place, "sequent-blog", path), { recursive: true });
  mkdirSync(app);
  symlinkSync(resolve(root, "node_modules"), join(app, "node_modules"), "junction"); // instead of npm install
});
afterAll(async () => {
  await terminal.close();
  await server.remove();
  if (!process.env["KEEP_COPY"]) rmSync(place, { recursive: true, force: true });
});

test("whoever follows the guide to the letter has the framework in the app", async () => {
  for (const act of acts) {
    const where = `Line ${act.line}: ${act.sentence}`;
    if (act.kind === "edit") edit(act);
    else if (act.kind === "run") await run(act, where);
    else if (act.kind === "start") await start(act, where);
    else throw new Error(`${where}\nThis test cannot do that.`);
  }
});

test("the guide installs all packages that the framework imports, in the versions that it has here", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const majors = Object.entries<string>({ ...dependencies, ...devDependencies }).map(
    ([name, version]) => [name, /\d+/.exec(version)?.[0]] as const,
  );
  const lines = acts.flatMap((act) => (act.kind === "run" ? act.commands : [])).map(({ line }) => line);
  const installed = lines
    .filter((line) => line.startsWith("npm install"))
    .flatMap((line) => [...line.matchAll(/ (\S+)@(\d+)/g)].map(([, name = "", major]) => [name, major]));
  expect(majors).toEqual(expect.arrayContaining(installed));

  const imports = filesIn("src/framework", ".ts").flatMap((file) => [
    ...read(file).matchAll(/ from "([a-z][^":]*)"/g),
  ]);
  const imported = imports.map(([, name]) => name);
  expect(installed.map(([name]) => name)).toEqual(expect.arrayContaining(imported));
});

function edit({ path, apply }: Edit): void {
  const file = join(app, path);
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path === ".env" ? `DATABASE_URL=${server.url}\n` : (apply(before) ?? ""));
}

async function run({ commands }: Run, where: string): Promise<void> {
  for (const { line, output: told } of commands) {
    if (line.startsWith("npm install")) continue;
    const { code, output } = await terminal.run(ids.in(line));
    expect(code, `${where}\n$ ${line}\n${output}`).toBe(0);
    if (told.length > 0) compare(told, output, where);
  }
}

async function start({ command }: Start, where: string): Promise<void> {
  const process = terminal.start(command.line);
  await process.until((output) => (output.includes(" is at http") ? true : undefined), 20);
  compare(["...", ...command.output], process.output, where);
}

function compare(told: readonly string[], output: string, where: string): void {
  const result = printed(told, output, ids);
  if ("missing" in result) throw new Error(`${where}\nNot printed: ${result.missing}\n\n${output}`);
  ids = result.ids;
}
