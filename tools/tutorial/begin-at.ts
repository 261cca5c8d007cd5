import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { Git } from "../git.ts";
import { nameOf, stepNamed, stepsIn } from "./chapters.ts";
import { commit, filesAfter, writeText } from "./goto.ts";
import { textsOfFolder } from "./project.ts";
import { Reader } from "./reader.ts";

/** Makes a new project with the files of a step, from the template or from the project of a reader. */
export async function beginAt(root: string, name: string, folder: string): Promise<void> {
  const steps = stepsIn(root);
  const step = stepNamed(steps, name);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refused(`${folder} is not empty. Choose a new folder.`);
  if (Reader.isIn(root)) writeBase(new Reader(root), folder);
  else makeFromTemplate(root, folder);
  const base = textsOfFolder(folder);
  const files = await filesAfter(base, steps, step);
  for (const path of new Set([...base.keys(), ...files.keys()]))
    writeText(join(folder, path), files.get(path));
  commit(new Git(folder), `The tutorial at ${nameOf(step)}`);
  const [short = folder] = [folder, relative(process.env["INIT_CWD"] ?? ".", folder)].sort(
    (a, b) => a.length - b.length,
  );
  console.log(`The files at the end of ${nameOf(step)} are in ${folder}. Nothing is stored yet. Next:

  cd ${short}
  npm install
  npm run dev`);
}

function makeFromTemplate(root: string, folder: string): void {
  const args = ["--import", "./src/typescript.js", "tools/new.ts", folder, "--name", "blog"];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Refused(stderr.trim());
}

function writeBase(reader: Reader, folder: string): void {
  for (const [path, { content, mode }] of reader.base()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: Number.parseInt(mode.slice(-3), 8) });
  }
  const git = new Git(folder);
  git.run(["init", "--quiet", "--initial-branch=main"]);
  commit(git, "Begin Blog");
}
