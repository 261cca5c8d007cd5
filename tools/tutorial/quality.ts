import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { packages, programOf } from "../programs.ts";
import type { Step } from "./chapters.ts";

/**
 * For the check after each step: what a reader changes, and all that it imports. The compiler keeps what it has found, and checks only
 * what changed since. The whole project, as `npm run types` checks it, comes at the end.
 */
const onlyWhatChanges = {
  extends: "./tsconfig.json",
  compilerOptions: { incremental: true, tsBuildInfoFile: "types-found.json" },
  include: ["src", "test/acceptance", "test/unit/domain", "test/unit/projections", "test/unit/*.ts"],
  exclude: ["src/framework"],
};

/** Types and format at the end of each step, on a copy, while the steps after it are played. */
export class Quality {
  readonly #folder = mkdtempSync(join(tmpdir(), "tutorial-quality-"));
  #known: ReadonlyMap<string, string> = new Map();
  #work: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  constructor() {
    symlinkSync(packages, join(this.#folder, "node_modules"), "junction");
    writeFileSync(join(this.#folder, "tsconfig.steps.json"), JSON.stringify(onlyWhatChanges));
  }

  /** What was found until now. */
  get problem(): string | undefined {
    return this.#problem;
  }

  check(step: Step, files: ReadonlyMap<string, string>): void {
    const state = new Map(files);
    this.#work = this.#work.then(async () => {
      if (this.#problem !== undefined) return;
      const changed = this.#write(state);
      const formatted = changed.filter((path) => /\.([jt]s|json|css)$/.test(path));
      const found =
        (await this.#errorsOf("tsc", ["--pretty", "false", "--project", "tsconfig.steps.json"])) ||
        (formatted.length > 0 &&
          (await this.#errorsOf("biome", ["check", "--error-on-warnings", ...formatted])));
      if (found) this.#problem = `At the end of ${step.name} ${step.title}:\n\n${found}`;
    });
  }

  /** What was found, when all is checked. */
  async result(): Promise<string | undefined> {
    await this.#work;
    if (this.#problem !== undefined || this.#known.size === 0) return this.#problem;
    return (await this.#errorsOf("tsc", ["--pretty", "false"])) || undefined;
  }

  async close(): Promise<void> {
    await this.#work;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Returns the paths that are there and others than before. */
  #write(files: ReadonlyMap<string, string>): string[] {
    for (const path of this.#known.keys()) if (!files.has(path)) rmSync(join(this.#folder, path));
    const changed = [...files].filter(([path, content]) => this.#known.get(path) !== content);
    for (const [path, content] of changed) {
      mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
      writeFileSync(join(this.#folder, path), content);
    }
    const isFirst = this.#known.size === 0;
    this.#known = files;
    return isFirst ? [] : changed.map(([path]) => path);
  }

  async #errorsOf(program: Parameters<typeof programOf>[0], args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [programOf(program), ...args], {
      cwd: this.#folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    const said = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    return code === 0 ? "" : `${said.join("").trim()}\n(${program} has failed)`;
  }
}
