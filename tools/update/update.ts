import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { Git } from "../git.ts";
import type { Project } from "../rendering/project.ts";
import { render } from "../rendering/render.ts";
import { type Changes, changesIn } from "./changes.ts";
import { mendLockFile } from "./lock-file.ts";
import { merge } from "./merge.ts";
import { newsIn } from "./news.ts";
import { formatAsIn } from "./own-format.ts";
import { recordOf, refuseUnlessClean, repositoryOf } from "./project.ts";
import { Template } from "./template.ts";

export interface Wanted {
  /** The folder of the project. */
  readonly project: string;
  /** Where the template is, if it is not where it was. */
  readonly from?: string | undefined;
  /** A commit, a branch or a tag; without it, the newest commit. */
  readonly to?: string | undefined;
  /** Finds out what would change, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface Outcome extends Changes {
  /** As in `sequent-blog 1a2b3c4`: the version that the project had, and the one that it has now. */
  readonly old: string;
  readonly next: string;
  /** Files that were deleted here, and changed or added there. */
  readonly leftAlone: readonly string[];
  /** The new points of the template's changelog. */
  readonly news: string;
  /** False if npm has to mend package-lock.json, but could not. */
  readonly isLockFileRight: boolean;
}

/** Brings another version of the template into the work tree and the index of a project. */
export function update({ project, from, to, dryRun }: Wanted): Outcome {
  const record = recordOf(project);
  const { git, prefix } = repositoryOf(project);
  if (!dryRun) refuseUnlessClean(git);
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), "update-"));
  try {
    const template = Template.fetch(from ?? record.template, project, join(temporary, "template"));
    const [old, next] = [template.recorded(record.commit), template.wanted(to)];
    if (old === next && template.from === record.template) return nothingToDo(template.label(next));
    if (to === undefined) refuseToGoBack(template, old, next);

    const rendering = (name: string, commit: string, names: Project) => {
      const folder = join(temporary, name);
      render(template.folder, commit, names, join(folder, prefix));
      formatAsIn(project, join(folder, prefix));
      return { folder, label: template.label(commit) };
    };
    const versions = {
      base: rendering("base", old, record),
      next: rendering("next", next, { ...record, template: template.from }),
    };
    const place = dryRun ? copyOf(git, join(temporary, "copy")) : git;
    const leftAlone = merge(place, versions, prefix);
    const isLockFileRight = mendLockFile(join(place.folder, prefix), changesIn(place), prefix);
    return {
      old: versions.base.label,
      next: versions.next.label,
      ...changesIn(place),
      leftAlone,
      isLockFileRight,
      news: newsIn(template.read(next, "CHANGELOG.md"), template.read(old, "CHANGELOG.md")),
    };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function nothingToDo(next: string): Outcome {
  return { old: next, next, changes: [], conflicts: [], leftAlone: [], news: "", isLockFileRight: true };
}

function refuseToGoBack(template: Template, old: string, next: string): void {
  if (!template.isOlder(next, old)) return;
  throw new Refused(`The newest commit of ${template.from} is ${template.label(next)}.
This project was made from a later one: ${template.label(old)}. Fetch the newest there (git pull), or go back on
purpose: npm run update -- --to ${next.slice(0, 7)}`);
}

/** What is committed in the project, for a merge that nobody sees. */
function copyOf({ folder }: Git, copy: string): Git {
  new Git(folder).run(["clone", "--quiet", "--shared", "--", folder, copy]);
  return new Git(copy);
}
