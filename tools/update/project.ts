import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf } from "#sequent/operations";
import { Refused } from "../../src/bin/command.ts";
import { Git } from "../git.ts";
import { recordFile, type TemplateRecord } from "../rendering/project.ts";

/** From which commit of which template the project was made. */
export function recordOf(folder: string): TemplateRecord {
  const file = join(folder, recordFile);
  if (!existsSync(file))
    throw new Refused(`There is no ${recordFile} here, so this project was not made with npm run new.
Only a project that was made from another one can be updated from it.`);
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as TemplateRecord;
    if (!record.commit || !record.template) throw new Error("its commit or its template is missing");
    return record;
  } catch (error) {
    throw new Refused(`${recordFile} cannot be read: ${messageOf(error, [])}.
Take it from an earlier commit: git log -- ${recordFile}`);
  }
}

/** The repository of the project, which may be one of its folders: `prefix` is its path there, as in `apps/shop/`. */
export function repositoryOf(folder: string): { git: Git; prefix: string } {
  const git = new Git(folder);
  const top = git.ask("rev-parse", "--show-toplevel");
  if (top === undefined || git.ask("rev-parse", "--verify", "--quiet", `HEAD:./${recordFile}`) === undefined)
    throw new Refused(`This project is not in a git repository, or it has no commit with ${recordFile}.
Run git init, then git add --all and git commit. Then run this again: an update is merged by git.`);
  return { git: new Git(top), prefix: git.run(["rev-parse", "--show-prefix"]) };
}

/** What git is in the middle of, by the files that it keeps meanwhile. */
const unfinished: Readonly<Record<string, string>> = {
  MERGE_HEAD: "merge",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  "rebase-merge": "rebase",
  "rebase-apply": "rebase",
};

/** Only an update that begins with a clean work tree can be undone, and be told from your own changes. */
export function refuseUnlessClean(git: Git): void {
  for (const [name, what] of Object.entries(unfinished)) {
    if (existsSync(resolve(git.folder, git.run(["rev-parse", "--git-path", name]))))
      throw new Refused(
        `A ${what} is under way here. End it first: git ${what} --continue, or git ${what} --abort.`,
      );
  }
  const changed = git.run(["status", "--porcelain"]).split("\n").filter(Boolean);
  if (changed.length === 0) return;
  const shown = changed.length > 10 ? [...changed.slice(0, 9), `… and ${changed.length - 9} more`] : changed;
  throw new Refused(`There are changes that are not committed:
  ${shown.join("\n  ")}
Commit them, or put them aside (git stash --include-untracked), then run this again.`);
}
