import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { Git } from "../git.ts";

/** This repository, from which a project is made. */
export interface Template {
  readonly folder: string;
  readonly commit: string;
  /** Files with changes that no commit has. */
  readonly uncommitted: readonly string[];
  /** Where a project in this folder finds the template later. */
  addressFrom(project: string): string;
}

export function templateAt(folder: string): Template {
  const git = new Git(folder);
  const top = git.ask("rev-parse", "--show-toplevel");
  if (top === undefined || realpathSync(top) !== realpathSync(folder))
    throw new Refused(
      `${folder} is no git repository, so a project cannot say from which version it was made. Clone it with git, and try again.`,
    );
  const commit = git.ask("rev-parse", "--verify", "--quiet", "HEAD");
  if (commit === undefined)
    throw new Refused(`${folder} has no commit yet: only what is committed comes into a project.`);
  return {
    folder,
    commit,
    uncommitted: git.list("status", "--porcelain", "-z", "--no-renames").map((line) => line.slice(3)),
    addressFrom(project) {
      const origin = git.ask("remote", "get-url", "origin");
      return origin === undefined ? relative(project, folder).replaceAll(sep, "/") : withoutPassword(origin);
    },
  };
}

/** The address is committed in each project. */
function withoutPassword(address: string): string {
  return address.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}
