import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import type { Git } from "../git.ts";
import { committedFiles, type Files } from "../rendering/committed-files.ts";
import { recordFile } from "../rendering/project.ts";
import { recordOf, repositoryOf } from "../update/project.ts";
import { type Step, stepsIn } from "./chapters.ts";
import { type Position, positionOf } from "./position.ts";
import { textsOfFolder } from "./project.ts";
import { statesAfter } from "./state.ts";

/** The project of somebody who follows the tutorial. Its first commit is what the tutorial begins with. */
export class Reader {
  readonly folder: string;
  readonly git: Git;
  readonly steps: readonly Step[];
  readonly #prefix: string;

  constructor(folder: string) {
    const { name } = recordOf(folder);
    if (name !== "blog")
      throw new Refused(`The tutorial is about a project that is called blog, and this one is called ${name}.
Make one beside it, from the folder of the template: npm run new -- ../blog`);
    const { git, prefix } = repositoryOf(folder);
    this.folder = folder;
    this.git = git;
    this.#prefix = prefix;
    this.steps = stepsIn(folder);
  }

  /** Whether a folder is one. The template itself is none. */
  static isIn(folder: string): boolean {
    return existsSync(join(folder, recordFile));
  }

  /** As `npm run new` made it. */
  base(): Files {
    const record = `${this.#prefix}${recordFile}`;
    const commit =
      this.git.run(["log", "--diff-filter=A", "--format=%H", "--", record]).split("\n").at(-1) ?? "";
    const files = [...committedFiles(this.git.folder, commit)];
    return new Map(
      files.flatMap(([path, file]) =>
        path.startsWith(this.#prefix) ? [[path.slice(this.#prefix.length), file] as const] : [],
      ),
    );
  }

  async position(): Promise<Position> {
    const base = textsOf(this.base());
    return positionOf(this.steps, base, await statesAfter(base, this.steps), textsOfFolder(this.folder));
  }
}

export function textsOf(files: Files): Map<string, string> {
  const texts = [...files].filter(([, { content }]) => !content.includes(0));
  return new Map(texts.map(([path, { content }]) => [path, content.toString()]));
}
