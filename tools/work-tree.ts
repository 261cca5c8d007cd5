import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createTwoFilesPatch } from "diff";
import { Refused } from "../src/bin/command.ts";
import { programOf } from "./programs.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The texts that a generator may read or change, by their paths in the project. */
export function readTexts(directory = root): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of ["src", "test", "views"]) {
    for (const entry of readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      files.set(relative(directory, file).replaceAll(sep, "/"), readFileSync(file, "utf8"));
    }
  }
  return files;
}

/** The same texts as the formatter of the project writes them. */
export async function formatted(changes: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const texts = [...changes].map(async ([path, written]) => {
    if (!path.endsWith(".ts")) return [path, written] as const;
    const { output } = await run("biome", ["check", "--write", `--stdin-file-path=${path}`], written);
    return [path, output] as const;
  });
  return new Map(await Promise.all(texts));
}

/** As `git diff` shows it. */
export function difference(
  changes: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): string {
  return [...changes]
    .map(([path, after]) => {
      const known = before.get(path);
      return createTwoFilesPatch(
        known === undefined ? "/dev/null" : `a/${path}`,
        `b/${path}`,
        known ?? "",
        after,
        undefined,
        undefined,
        { context: 3 },
      ).replace(/^=+\n/, "");
    })
    .join("");
}

/** Writes the texts. If the project does not compile with them, all is as before, and the error says why. */
export async function write(
  changes: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): Promise<void> {
  const errors = await errorsWith(changes, before);
  if (errors.length === 0) return;
  takeBack(changes, before);
  const known = new Set((await typeErrors()).map(withoutPlace));
  const ours = errors.filter((error) => !known.has(withoutPlace(error)));
  if (ours.length > 0)
    throw new Refused(
      `Nothing was changed, because the project would not compile any more:\n\n${ours.join("\n")}`,
    );
  put(changes); // it did not compile before either, for other reasons
}

async function errorsWith(
  changes: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): Promise<string[]> {
  const stop = () => {
    takeBack(changes, before);
    console.error("Stopped. Nothing was changed.");
    process.exit(130);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    put(changes);
    return await typeErrors();
  } catch (error) {
    takeBack(changes, before);
    throw error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function put(changes: ReadonlyMap<string, string>): void {
  for (const [path, written] of changes) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), written);
  }
}

/** Puts back what was there, and removes new files and the folders that are empty then. */
function takeBack(changes: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): void {
  put(new Map([...before].filter(([path]) => changes.has(path))));
  for (const path of changes.keys()) {
    if (before.has(path)) continue;
    rmSync(join(root, path), { force: true });
    const folder = dirname(join(root, path));
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

async function typeErrors(): Promise<string[]> {
  const { code, output } = await run("tsc", ["--pretty", "false"]);
  return code === 0 ? [] : output.split("\n").filter((line) => line !== "");
}

/** Lines move, so the same error is at another place. */
function withoutPlace(error: string): string {
  return error.replace(/\(\d+,\d+\)/, "");
}

/** Runs a program of a package, with Node on every system. One that fails without a word has not done its work. */
async function run(
  program: Parameters<typeof programOf>[0],
  args: readonly string[],
  input = "",
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [programOf(program), ...args], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(input);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0 && output === "") throw new Refused(`Nothing was changed, because ${program} failed.`);
  return { code, output };
}
