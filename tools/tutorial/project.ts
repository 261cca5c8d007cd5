import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { Git } from "../git.ts";
import { packages } from "../programs.ts";

/** The project that a reader makes, beside the template that it is made from. */
export class Project {
  readonly folder: string;
  readonly template: string;
  readonly #source: string;

  /** @param source the repository of the template. */
  constructor(place: string, source: string) {
    this.folder = join(place, "blog");
    this.template = join(place, "sequent-blog");
    this.#source = source;
  }

  get isThere(): boolean {
    return existsSync(join(this.folder, ".template.json"));
  }

  /** What is committed, as a reader clones it. */
  cloneTemplate(): void {
    new Git(this.#source).run(["clone", "--quiet", "--shared", ".", this.template]);
    symlinkSync(packages, join(this.template, "node_modules"), "junction");
  }

  /** As `npm run new -- ../blog` makes it. It is kept for the next time. */
  make(): void {
    const commit = new Git(this.#source).run(["rev-parse", "HEAD"]);
    const kept = join(packages, ".cache/tutorial", commit);
    if (!existsSync(kept)) {
      rmSync(dirname(kept), { recursive: true, force: true });
      this.cloneTemplate();
      const args = ["--import", "./src/typescript.js", "tools/new.ts", "../blog"];
      const made = spawnSync(process.execPath, args, {
        cwd: this.template,
        env: { ...process.env, INIT_CWD: this.template },
        encoding: "utf8",
      });
      if (made.status !== 0) throw new Refused(`npm run new failed:\n${made.stderr}`);
      cpSync(this.folder, kept, { recursive: true });
    } else cpSync(kept, this.folder, { recursive: true });
    symlinkSync(packages, join(this.folder, "node_modules"), "junction");
  }

  write(changes: ReadonlyMap<string, string | undefined>): void {
    for (const [path, text] of changes) {
      const file = join(this.folder, path);
      if (text === undefined) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  }

  /** All texts that git would commit. */
  texts(): Map<string, string> {
    return textsOfFolder(this.folder);
  }
}

/** A copy of a project, with what it has stored. */
export function copyFolder(from: string, to: string): void {
  for (const path of [...pathsIn(from), ".git", "data"])
    if (existsSync(join(from, path)))
      cpSync(join(from, path), join(to, path), {
        recursive: true,
        filter: (file) => !/\.s\.PGSQL/.test(file),
      });
  symlinkSync(packages, join(to, "node_modules"), "junction");
}

/** All texts of a repository that git would commit. */
export function textsOfFolder(folder: string): Map<string, string> {
  const files = pathsIn(folder).map((path) => [path, readFileSync(join(folder, path))] as const);
  const texts = files.filter(([, content]) => !content.includes(0));
  return new Map(texts.map(([path, content]) => [path, content.toString()]));
}

export function pathsIn(folder: string): string[] {
  const paths = new Git(folder).list("ls-files", "-z", "--cached", "--others", "--exclude-standard");
  return [...new Set(paths)].filter((path) => path !== "node_modules" && existsSync(join(folder, path)));
}
