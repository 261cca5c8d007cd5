import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Git } from "../git.ts";
import type { Project } from "../rendering/project.ts";
import { render } from "../rendering/render.ts";
import { compile } from "./compile.ts";
import { withExample } from "./example.ts";
import type { Template } from "./template.ts";

/** Makes the project with its first commit, or nothing. Returns how many files it has. */
export function begin(template: Template, project: Project, folder: string): number {
  const isOurs = !existsSync(folder);
  mkdirSync(folder, { recursive: true });
  try {
    make(template, project, folder);
    return commit(template, project, folder);
  } catch (error) {
    if (isOurs) rmSync(folder, { recursive: true });
    else
      for (const name of readdirSync(folder))
        if (name !== ".git") rmSync(join(folder, name), { recursive: true });
    throw error;
  }
}

/** Fails as `begin` would. */
export function tryOut(template: Template, project: Project): void {
  const folder = mkdtempSync(join(tmpdir(), "new-"));
  try {
    make(template, project, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function make(template: Template, project: Project, folder: string): void {
  render(template.folder, template.commit, project, folder, withExample);
  compile(folder, project);
}

function commit(template: Template, { title, name }: Project, folder: string): number {
  const git = new Git(folder);
  if (!existsSync(join(folder, ".git"))) git.run(["init", "--quiet", "--initial-branch=main"]);
  git.run(["add", "--all", "--force"]); // whatever the user ignores elsewhere
  const who = git.ask("config", "user.email")
    ? []
    : ["-c", `user.name=${title}`, "-c", `user.email=${name}@localhost`];
  const message = `Begin ${title}, from version ${template.commit.slice(0, 7)} of the template`;
  git.run([...who, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", message]);
  return git.list("ls-files", "-z").length;
}
