import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

type Texts = Readonly<Record<string, string | Buffer>>;

/** A folder for a test. It is a repository of git from its first commit on. */
export class GitFolder {
  readonly folder: string;

  constructor(files: Texts = {}, folder = mkdtempSync(join(tmpdir(), "git-folder-"))) {
    this.folder = folder;
    this.write(files);
  }

  copy(): GitFolder {
    const copy = new GitFolder();
    cpSync(this.folder, copy.folder, { recursive: true });
    return copy;
  }

  /** Returns the id of the commit. */
  commit(files: Texts = {}): string {
    this.write(files);
    if (!this.has(".git")) this.#init();
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", "Work");
    return this.git("rev-parse", "HEAD");
  }

  git(...args: readonly string[]): string {
    const options = { cwd: this.folder, encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("git", args, options).trimEnd();
  }

  write(files: Texts): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), text);
    }
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  remove(...paths: readonly string[]): void {
    for (const path of paths) rmSync(this.at(path), { recursive: true });
  }

  /** What git knows of the folder, and all that it keeps, but the objects and the log of its own commands. */
  state(): unknown {
    const own = /^(objects|logs|index$|ORIG_HEAD$)/;
    return {
      status: this.git("status", "--porcelain", "--ignored"),
      diff: this.git("diff"),
      refs: this.git("for-each-ref"),
      index: this.git("ls-files", "--stage"),
      files: readdirSync(this.at(".git"), { recursive: true, encoding: "utf8" }).filter(
        (each) => !own.test(each),
      ),
    };
  }

  /** Lets git ignore a path, without a file that it would commit. */
  exclude(path: string): void {
    if (!this.has(".git")) this.#init();
    this.write({ ".git/info/exclude": path });
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #init(): void {
    this.git("init", "--quiet", "--initial-branch", "main");
    this.git("config", "user.name", "Ann");
    this.git("config", "user.email", "ann@example.com");
    this.git("config", "core.autocrlf", "false");
  }
}
