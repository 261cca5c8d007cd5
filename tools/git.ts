import { spawnSync } from "node:child_process";
import { Refused } from "../src/bin/command.ts";

interface Given {
  /** What the command reads. */
  readonly input?: string;
  readonly env?: Record<string, string>;
}

/** Runs git in a folder. */
export class Git {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Returns what git has said, without the last line end. */
  run(args: readonly string[], { input, env }: Given = {}): string {
    const { error, status, stdout, stderr } = spawnSync("git", args, {
      cwd: this.folder,
      env: { ...environment(), ...env },
      encoding: "utf8",
      maxBuffer: 1024 ** 3,
      ...(input !== undefined && { input }),
    });
    if (error) throw new Refused(`Git cannot be run here: ${error.message}. Install it first.`);
    if (stderr.includes("dubious ownership")) throw new Refused(stderr.trim()); // it says what to do
    if (status !== 0) throw new GitFailed(args, stderr.trim());
    return stdout.trimEnd();
  }

  /** The same, or undefined if git refuses. */
  ask(...args: readonly string[]): string | undefined {
    try {
      return this.run(args);
    } catch (error) {
      if (error instanceof GitFailed) return undefined;
      throw error;
    }
  }

  /** The parts of an answer that git ends with NUL, as with `-z`. */
  list(...args: readonly string[]): string[] {
    return this.run(args).split("\0").filter(Boolean);
  }
}

export class GitFailed extends Error {
  /** The words of git. */
  readonly said: string;

  constructor(args: readonly string[], said: string) {
    super(`git ${args.join(" ")} failed: ${said}`);
    this.said = said;
  }
}

/** If a hook of git runs the program, it has set its own repository, which is not that of the folder. */
export function environment(): NodeJS.ProcessEnv {
  const ofHook = /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY)$/;
  const kept = Object.entries(process.env).filter(([name]) => !ofHook.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}
