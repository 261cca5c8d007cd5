import { execFileSync } from "node:child_process";
import { environment, Git } from "../git.ts";
import { treeOfCommit } from "../git-tree.ts";

export interface File {
  /** As in git: `100755` is a program, `100644` any other file. */
  readonly mode: string;
  readonly content: Buffer;
}

/** Each path with its file, in the order of their paths. */
export type Files = ReadonlyMap<string, File>;

/** The files of a commit. What is not committed is not in it. */
export function committedFiles(repository: string, commit: string): Files {
  const tree = treeOfCommit(new Git(repository), commit);
  const entries = [...tree].filter(([, { mode }]) => mode !== "160000"); // a submodule, which has no content here
  const answer = execFileSync("git", ["cat-file", "--batch"], {
    cwd: repository,
    env: environment(),
    input: entries.map(([, { id }]) => `${id}\n`).join(""),
    maxBuffer: 1024 ** 3,
  });
  const contents = contentsIn(answer);
  return new Map(
    entries.map(([path, { mode }], index) => [path, { mode, content: contents[index] ?? Buffer.alloc(0) }]),
  );
}

/** Git answers with a line `<id> blob <size>`, the content, and a line end, for each. */
function contentsIn(answer: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let at = 0; at < answer.length; ) {
    const start = answer.indexOf("\n", at) + 1;
    const size = Number(answer.subarray(at, start).toString().trim().split(" ").at(-1));
    contents.push(answer.subarray(start, start + size));
    at = start + size + 1;
  }
  return contents;
}
