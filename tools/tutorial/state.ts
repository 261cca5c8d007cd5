import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { generate } from "../generate/kinds.ts";
import { programOf } from "../programs.ts";
import { Tree } from "../tree.ts";
import { formatted } from "../work-tree.ts";
import { type Act, NotFollowed } from "./acts.ts";
import type { Step } from "./chapters.ts";

/** The texts of a project after some of the acts, from the prose alone. */
export class State {
  readonly #files: Map<string, string>;
  #before = new Map<string, string | undefined>();
  #blocks: (Act & { kind: "edit"; code: string })[] = [];

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = new Map(files);
  }

  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /** Whole steps. Each one finds the files in the format of the project, as its reader does. */
  async applySteps(steps: readonly Step[]): Promise<void> {
    for (const { acts } of steps) {
      for (const act of acts) await this.apply(act);
      this.settle();
    }
  }

  /** An edit, or a command that generates. Others change no file. */
  async apply(act: Act): Promise<void> {
    if (act.kind === "edit") this.#edit(act);
    if (act.kind !== "run") return;
    for (const { line } of act.commands) {
      const words = /^npm run generate -- (.*)/.exec(line)?.[1];
      if (words !== undefined) await this.#generate(wordsOf(words));
    }
  }

  /**
   * Brings what was edited into the format of the project, as an editor does when it saves. Returns the files that are others
   * than at the last call; undefined is for one that is deleted. Throws if a block is not in this format.
   */
  settle(): Map<string, string | undefined> {
    const kept = this.#blocks.filter(({ path, code }) => this.#files.get(path)?.includes(code));
    for (const [path, text] of this.#format([...this.#before.keys()])) this.#files.set(path, text);
    for (const act of kept)
      if (!this.#files.get(act.path)?.includes(act.code))
        throw new NotFollowed(
          act,
          `The block is not in the format of the project. It should be a part of:\n\n${this.#files.get(act.path)}`,
        );
    const changes = new Map(
      [...this.#before.keys()].flatMap((path) => {
        const text = this.#files.get(path);
        return text === this.#before.get(path) ? [] : [[path, text] as const];
      }),
    );
    this.#before = new Map();
    this.#blocks = [];
    return changes;
  }

  #edit(act: Act & { kind: "edit" }): void {
    const before = this.#files.get(act.path);
    if (!this.#before.has(act.path)) this.#before.set(act.path, before);
    const after = this.#edited(act);
    if (after === undefined) this.#files.delete(act.path);
    else this.#files.set(act.path, after);
    if (act.code !== undefined) this.#blocks.push({ ...act, code: act.code });
  }

  /** A place may only be there in the format of the project. */
  #edited(act: Act & { kind: "edit" }): string | undefined {
    const before = this.#files.get(act.path);
    try {
      return act.apply(before);
    } catch {
      for (const [path, text] of this.#format([act.path])) this.#files.set(path, text);
    }
    try {
      return act.apply(this.#files.get(act.path));
    } catch (error) {
      throw new NotFollowed(act, (error as Error).message);
    }
  }

  async #generate(words: readonly string[]): Promise<void> {
    const texts = [...this.#files].filter(([path]) => /^(src|test|views)\//.test(path));
    const tree = new Tree(new Map(texts));
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { plural: { type: "string" } },
      allowPositionals: true,
    });
    const [kind = "", ...rest] = positionals;
    generate(tree, kind, rest, { plural: values.plural });
    for (const [path, text] of await formatted(tree.changes)) this.#files.set(path, text);
  }

  #format(paths: readonly string[]): Map<string, string> {
    const known = paths.filter((path) => this.#files.has(path) && /\.([jt]s|json|css)$/.test(path));
    if (known.length === 0) return new Map();
    const folder = mkdtempSync(join(tmpdir(), "tutorial-format-"));
    try {
      for (const path of [...known, "biome.json", ".gitignore"]) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), this.#files.get(path) ?? "");
      }
      const args = [programOf("biome"), "check", "--write", "--linter-enabled=false", ...known];
      const { stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
      if (stderr.includes("configuration ━")) throw new Error(stderr); // what it cannot read stays as it is
      return new Map(known.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** The texts after each of the steps. They are not formatted, but for the places that need it. */
export async function statesAfter(
  files: ReadonlyMap<string, string>,
  steps: readonly Step[],
): Promise<ReadonlyMap<string, string>[]> {
  const state = new State(files);
  const states: ReadonlyMap<string, string>[] = [];
  for (const { acts } of steps) {
    for (const act of acts) await state.apply(act);
    states.push(new Map(state.files));
  }
  return states;
}

/** The words of a command, as a shell parts them. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
}
