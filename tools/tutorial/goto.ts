import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { clusterOf } from "../../src/database/embedded/place.ts";
import { isRunning } from "../../src/database/embedded/server.ts";
import { readSettings, type Settings } from "../../src/settings.ts";
import { Git } from "../git.ts";
import { refuseUnlessClean } from "../update/project.ts";
import { nameOf, type Step, stepNamed } from "./chapters.ts";
import { touchedBy } from "./position.ts";
import { type Reader, textsOf } from "./reader.ts";
import { State, statesAfter } from "./state.ts";

/** Writes the files of a step into the project, as a commit. */
export async function goTo(
  reader: Reader,
  name: string,
  { databaseUrl, dataDirectory }: Pick<Settings, "databaseUrl" | "dataDirectory"> = readSettings(),
): Promise<void> {
  const step = stepNamed(reader.steps, name);
  refuseUnlessClean(reader.git);
  const data = resolve(reader.folder, dataDirectory);
  if (!databaseUrl && isRunning(clusterOf(data)))
    throw new Refused("The blog runs. Stop it first, with Ctrl-C.");
  const position = await reader.position();
  const isBack = reader.steps.indexOf(step) < reader.steps.indexOf(position.step);

  const base = textsOf(reader.base());
  const touched = touchedBy(base, await statesAfter(base, reader.steps));
  const files = await filesAfter(base, reader.steps, step);
  for (const path of touched) writeText(join(reader.folder, path), files.get(path));
  const before = reader.git.run(["rev-parse", "--short", "HEAD"]);
  const isNew = commit(new Git(reader.folder), `The tutorial at ${nameOf(step)}`);
  console.log(`Your files are now those at the end of ${nameOf(step)}.
${isNew ? `They are a commit. Your own are in the one before: git reset --hard ${before} brings them back.` : "They were so before."}`);
  if (!isBack || !isNew) return;
  if (databaseUrl || dataDirectory !== "data")
    console.log(
      `The blog of ${step.name} may not know all events that are stored. npm run reset deletes them.`,
    );
  else if (existsSync(data)) setAside(reader.folder, data, step);
}

/** Stored events may be of a kind that the files of an earlier step do not know. */
function setAside(folder: string, data: string, step: Step): void {
  const aside = `.tutorial/data-${new Date().toISOString().replace(/[^\d]/g, "").slice(0, 14)}`;
  mkdirSync(join(folder, ".tutorial"), { recursive: true });
  renameSync(data, join(folder, aside));
  console.log(`What was stored is in ${aside} now, as the blog of ${step.name} may not know all of its events. The blog begins empty.
To have it back: delete data, and move ${aside} to data.`);
}

/** The files at the end of a step, in the format of the project. */
export async function filesAfter(
  base: ReadonlyMap<string, string>,
  steps: readonly Step[],
  last: Step,
): Promise<ReadonlyMap<string, string>> {
  const state = new State(base);
  await state.applySteps(steps.slice(0, steps.indexOf(last) + 1));
  return state.files;
}

export function writeText(file: string, text: string | undefined): void {
  if (text === undefined) rmSync(file, { force: true });
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** False if nothing has changed. */
export function commit(git: Git, message: string): boolean {
  git.run(["add", "--all", "."]);
  if (git.ask("diff", "--cached", "--quiet") !== undefined) return false;
  const who = git.ask("config", "user.email")
    ? []
    : ["-c", "user.name=Blog", "-c", "user.email=blog@localhost"];
  git.run([...who, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", message]);
  return true;
}
