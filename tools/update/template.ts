import { Refused } from "../../src/bin/command.ts";
import { Git, GitFailed } from "../git.ts";

/** A copy of the template's repository. What is in it is read, never run. */
export class Template {
  readonly from: string;
  readonly #git: Git;

  private constructor(from: string, git: Git) {
    this.from = from;
    this.#git = git;
  }

  /** @param project where a relative path begins. @param folder where the copy is made. */
  static fetch(from: string, project: string, folder: string): Template {
    try {
      new Git(project).run(["clone", "--quiet", "--bare", "--", from, folder]);
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      throw new Refused(`The template cannot be fetched from ${from}. Git says:
  ${error.said.replaceAll("\n", "\n  ")}
If it is elsewhere now, say where: npm run update -- --from <path or URL>`);
    }
    return new Template(from, new Git(folder));
  }

  get folder(): string {
    return this.#git.folder;
  }

  /** The commit that the project was made from. */
  recorded(commit: string): string {
    if (!this.#commit(commit)) this.#git.ask("fetch", "--quiet", "origin", commit); // no branch has it any more
    const found = this.#commit(commit);
    if (found) return found;
    throw new Refused(`This project was made from commit ${commit}, which is not in ${this.from}.
If the template is elsewhere now, say where: npm run update -- --from <path or URL>
If its history was rewritten, write the commit that took the place of this one into .template.json, and commit that.`);
  }

  /** A branch, a tag or a commit that the user has named, or else the newest commit. */
  wanted(name: string | undefined): string {
    const found = this.#commit(name ?? "HEAD");
    if (found) return found;
    if (name === undefined) throw new Refused(`The template at ${this.from} has no commit yet.`);
    const branches = this.#git.run(["branch", "--format", "%(refname:short)"]).replaceAll("\n", ", ");
    throw new Refused(`There is no commit or branch "${name}" in ${this.from}. Its branches: ${branches}.`);
  }

  isOlder(commit: string, other: string): boolean {
    return commit !== other && this.#git.ask("merge-base", "--is-ancestor", commit, other) !== undefined;
  }

  /** As messages call it: `sequent-blog 1a2b3c4`. */
  label(commit: string): string {
    const { name } = JSON.parse(this.read(commit, "package.json") || "{}");
    return `${name ?? "template"} ${commit.slice(0, 7)}`;
  }

  /** The text of a file, which is empty if there is none. */
  read(commit: string, path: string): string {
    return this.#git.ask("show", `${commit}:${path}`) ?? "";
  }

  #commit(name: string): string | undefined {
    return this.#git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  }
}
