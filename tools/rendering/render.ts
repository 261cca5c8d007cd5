import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programOf } from "../programs.ts";
import { committedFiles, type File, type Files } from "./committed-files.ts";
import { keptFiles } from "./kept-files.ts";
import { type Project, recordFile, type TemplateRecord } from "./project.ts";
import { RecipeDoesNotFit, recipeOf } from "./recipe.ts";
import { NameTaken, Renaming } from "./renaming.ts";

/**
 * Writes the files of a project into a folder, as a commit of the template has them. Nothing of that commit is run: its
 * recipe is data. So a later tool can render an older commit.
 *
 * @param repository where the template has been fetched to.
 * @param withExample adds to a starter what belongs to the user from the first minute, so that no later version brings it again.
 */
export function render(
  repository: string,
  commit: string,
  project: Project,
  folder: string,
  withExample: (files: Files) => Files = (files) => files,
): void {
  const files = rendered(committedFiles(repository, commit), commit, project, withExample);
  for (const [path, file] of files) write(join(folder, path), file);
  format(folder);
}

/** The files before they are formatted. */
export function rendered(
  template: Files,
  commit: string,
  project: Project,
  withExample: (files: Files) => Files = (files) => files,
): Files {
  const recipe = recipeOf(template);
  const version = (JSON.parse(textOf(template, "package.json")) as { version: string }).version;
  const files = keptFiles(template, recipe, project);
  const kept = project.from === "starter" ? withExample(files) : files;
  const renaming = new Renaming(project, recipe);
  const inPages = new Renaming(project, { ...recipe, rename: {} }); // the tutorial of a starter makes an author, too
  const made = new Map<string, File>();
  for (const [path, { mode, content }] of kept) {
    const renamed = renaming.path(path);
    if (made.has(renamed)) throw new NameTaken(renamed, path);
    made.set(renamed, {
      mode,
      content: (path.startsWith("docs/") ? inPages : renaming).content(path, content),
    });
  }
  const record: TemplateRecord = { ...project, commit, version };
  return made.set(recordFile, {
    mode: "100644",
    content: Buffer.from(`${JSON.stringify(record, null, 2)}\n`),
  });
}

function textOf(files: Files, path: string): string {
  const file = files.get(path);
  if (!file) throw new RecipeDoesNotFit(`there is no ${path}.`);
  return file.content.toString();
}

function write(path: string, { mode, content }: File): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode === "100755" ? 0o755 : 0o644);
}

/** By the formatter that is installed here, with the rules of the project. */
export function format(folder: string): void {
  const args = [programOf("biome"), "check", "--write", "--linter-enabled=false", folder];
  execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe" });
}
