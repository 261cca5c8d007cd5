import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, resolve } from "node:path";
import { filesIn, root } from "./files.ts";

/**
 * A copy of the work tree, like the start of a new program. It has everything that git would commit, and the packages that are
 * installed here.
 *
 *     const copy = new Copy();
 *     copy.edit("src/blog.ts", ["[author, post]", "[author, post, invoice]"]);
 *     await copy.run("npm", "run", "check");
 */
export class Copy {
  readonly directory = mkdtempSync(join(tmpdir(), "sequent-blog-copy-"));
  readonly #files = new Set<string>();

  constructor() {
    for (const path of filesOfTheWorkTree()) {
      cpSync(join(root, path), this.#at(path));
      this.#files.add(path);
    }
    symlinkSync(resolve(root, "node_modules"), this.#at("node_modules"), "junction");
  }

  /** Its files, or those that match a pattern: a path, a folder, or `src/web/post-*.ts`. */
  files(pattern = "**"): string[] {
    return [...this.#files].filter(
      (path) =>
        existsSync(this.#at(path)) &&
        (path === pattern || path.startsWith(`${pattern}/`) || matchesGlob(path, pattern)),
    );
  }

  read(path: string): string {
    return readFileSync(this.#at(path), "utf8");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.#at(path)), { recursive: true });
    writeFileSync(this.#at(path), text);
    this.#files.add(path);
  }

  /** Replaces each text that is named, all of its occurrences; a regular expression needs its `g` for that. */
  edit(path: string, ...changes: readonly (readonly [from: string | RegExp, to: string])[]): void {
    const edited = changes.reduce((text, [from, to]) => {
      const isThere = typeof from === "string" ? text.includes(from) : text.search(from) !== -1;
      if (!isThere) throw new NothingToChange(path, from);
      return typeof from === "string" ? text.replaceAll(from, () => to) : text.replace(from, to);
    }, this.read(path));
    this.write(path, edited);
  }

  /** Removes the files that match the patterns. */
  remove(...patterns: readonly string[]): void {
    for (const pattern of patterns) {
      const found = this.files(pattern);
      if (found.length === 0) throw new NothingToChange(pattern);
      for (const path of found) rmSync(this.#at(path));
    }
  }

  /** Returns the output of a program. If it fails, the output is the message of the error. */
  run(command: string, ...args: readonly string[]): Promise<string> {
    return run(this.directory, command, ...args);
  }

  /** With KEEP_COPY it stays, so that you can see what failed. */
  delete(): void {
    if (!process.env["KEEP_COPY"]) rmSync(this.directory, { recursive: true, force: true });
  }

  #at(path: string): string {
    return join(this.directory, path);
  }
}

/** The recipe does not fit the work tree any more. */
class NothingToChange extends Error {
  constructor(path: string, text?: string | RegExp) {
    super(text === undefined ? `There is nothing at ${path}.` : `${path} has no ${text}`);
  }
}

class CommandFailed extends Error {
  constructor(command: string, directory: string, output: string) {
    super(`${command} failed in ${directory}:\n${output}`);
  }
}

/** Runs a program as a person at a terminal would. */
export async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let [output, all] = ["", ""];
  child.stdout.on("data", (text) => {
    output += text;
    all += text;
  });
  child.stderr.on("data", (text) => {
    all += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new CommandFailed([command, ...args].join(" "), cwd, all);
  return output;
}

/** What git would commit. Somebody who has downloaded this project may have no repository: then all that is not made by programs. */
export function filesOfTheWorkTree(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const paths = status === 0 ? stdout.split("\0") : filesOnDisk();
  return paths.filter((path) => path !== "" && existsSync(join(root, path)));
}

function filesOnDisk(): string[] {
  const made = new Set(["node_modules", "data", "coverage", "test-artefacts", ".env"]);
  return readdirSync(root)
    .filter((name) => !made.has(name))
    .flatMap((name) => (statSync(join(root, name)).isDirectory() ? filesIn(name, "") : [name]))
    .filter((path) => statSync(join(root, path)).isFile());
}

/** Without the settings of vitest for this run, and without its database. */
function environment(): NodeJS.ProcessEnv {
  const own = /^(VITEST|VITE_|DATABASE_URL|READ_DATABASE_URL|NODE_ENV|TEST|DEV|PROD|MODE|SSR|BASE_URL)/;
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
