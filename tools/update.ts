import { command } from "../src/bin/command.ts";
import { report } from "./update/report.ts";
import { update } from "./update/update.ts";

const help = `Brings what has changed in the template into a project that was made from it with npm run new.

  npm run update                     merges the newest version into your files
      --dry-run                      only says what would change
      --to <commit or branch>        another version than the newest
      --from <path or URL>           the template, if it is not where it was

Your changes stay. Where both sides changed the same lines, the file has conflict markers. What you have deleted stays
deleted. Nothing is committed: git reset --hard undoes everything. No program of the new version is run.
More: docs/guides/staying-current.md`;

const options = {
  "dry-run": { type: "boolean", default: false },
  to: { type: "string" },
  from: { type: "string" },
} as const;

await command(
  help,
  async ({ values: { "dry-run": dryRun, to, from } }) => {
    const outcome = update({ project: process.cwd(), to, from, dryRun });
    console.log(report(outcome, dryRun));
    if (outcome.conflicts.length > 0) process.exitCode = 1;
  },
  { options },
);
