import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Refused } from "../../../src/bin/command.ts";
import { render } from "../../../tools/rendering/render.ts";
import { update, type Wanted } from "../../../tools/update/update.ts";
import { GitFolder } from "../../support/git-folder.ts";

/** As small as a template can be. */
const recipe = {
  format: 1,
  leaveOut: { always: ["CHANGELOG.md", "tools/recipe.json"], starter: [] },
  scripts: { always: [], starter: [] },
  rename: { Author: "Customer" },
  giveWay: {},
  places: "starter",
  asTheyAre: [],
};
const files = {
  "tools/recipe.json": JSON.stringify(recipe),
  "package.json": JSON.stringify({ name: "sequent-blog", version: "0.1.0", scripts: {} }),
  "biome.json": JSON.stringify({ formatter: { indentStyle: "space" } }),
  "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n### Added\n\n- The first point.\n",
  "README.md": "# Sequent Blog\n\nA blog.\n\nIt has authors.\n\nThe end.\n",
  "src/author.ts": functions("a", "b", "c", "d"),
  "src/post.ts": functions("e", "f", "g", "h"),
};

let template: GitFolder;
let project: GitFolder;
let first: string;

beforeEach(() => {
  template = new GitFolder(files);
  first = template.commit();
  project = new GitFolder();
  make(project, {});
});
afterEach(() => {
  template.delete();
  project.delete();
});

test("a project gets what is new in the template, and keeps what it has changed", () => {
  project.commit({ "src/post.ts": functions("e", "f", "g", "own"), "CHANGELOG.md": "ours" });
  const second = template.commit({
    "src/post.ts": functions("there", "f", "g", "h"),
    "src/new.ts": functions("author"),
    "CHANGELOG.md": `${files["CHANGELOG.md"]}- The second point.\n`,
    "package.json": JSON.stringify({ name: "sequent-blog", version: "0.2.0", scripts: {} }),
  });
  const outcome = updateProject();
  expect(outcome).toEqual({
    old: `sequent-blog ${first.slice(0, 7)}`,
    next: `sequent-blog ${second.slice(0, 7)}`,
    changes: [
      { kind: "changed", path: ".template.json" },
      { kind: "added", path: "src/new.ts" },
      { kind: "changed", path: "src/post.ts" },
    ],
    conflicts: [],
    leftAlone: [],
    news: "## Unreleased\n\n### Added\n\n- The second point.",
    isLockFileRight: true,
  });
  expect(project.read("src/post.ts")).toBe(functions("there", "f", "g", "own"));
  expect(project.read("src/new.ts")).toBe(functions("customer"));
  expect(project.read("CHANGELOG.md")).toBe("ours");
  expect(record()).toMatchObject({
    commit: second,
    version: "0.2.0",
    name: "shop",
    template: template.folder,
  });
  expect(project.git("log", "--format=%s")).toBe("Work\nWork"); // nothing is committed
});

test("the next update begins where this one ended", () => {
  template.commit({ "src/post.ts": functions("there", "f", "g", "h") });
  updateProject();
  project.commit({ "src/post.ts": functions("own", "f", "g", "h") });
  template.commit({ "src/post.ts": functions("there", "f", "g", "later") });
  expect(updateProject().conflicts).toEqual([]);
  expect(project.read("src/post.ts")).toBe(functions("own", "f", "g", "later"));
});

test("an update needs nothing of the project's history", () => {
  project.commit({ "src/post.ts": functions("e", "f", "g", "own") });
  rmSync(project.at(".git"), { recursive: true });
  project.commit();
  template.commit({ "src/post.ts": functions("there", "f", "g", "h") });
  expect(updateProject().conflicts).toEqual([]);
  expect(project.read("src/post.ts")).toBe(functions("there", "f", "g", "own"));
});

test("changes of the template come in the words of a project that renames them", () => {
  remake({ from: "blog", rename: { Author: "Vendor", Post: "Product" } });
  expect(project.read("src/product.ts")).toBe(functions("e", "f", "g", "h"));
  template.commit({
    "src/post.ts": functions("e", "f", "authorsOfPost", "h"),
    "src/posts.ts": functions("post"),
  });
  expect(updateProject().conflicts).toEqual([]);
  expect(project.read("src/product.ts")).toBe(functions("e", "f", "vendorsOfProduct", "h"));
  expect(project.read("src/products.ts")).toBe(functions("product"));
});

test("a project that formats in its own way has no conflicts because of that", () => {
  const tabs = (text: string) => text.replaceAll("  ", "\t");
  const rules = JSON.stringify({ formatter: { indentStyle: "tab" } });
  project.commit({ "biome.json": rules, "src/post.ts": tabs(functions("e", "f", "g", "own")) });
  template.commit({ "src/post.ts": functions("there", "f", "g", "h").replace("return 1", "return 2") });
  expect(updateProject().conflicts).toEqual([]);
  expect(project.read("src/post.ts")).toBe(
    tabs(functions("there", "f", "g", "own")).replace("return 1", "return 2"),
  );
  expect(project.read("biome.json")).toBe(rules);
});

test("a lock file that both sides changed is made right by npm", () => {
  remake({ from: "starter" }, template.commit(packages("sequent-blog")));
  project.commit(packages("shop", "ours"));
  template.commit(packages("sequent-blog", "theirs", true));
  expect(updateProject()).toMatchObject({ conflicts: [], isLockFileRight: true });
  const { packages: locked } = JSON.parse(project.read("package-lock.json"));
  expect(locked[""]).toMatchObject({
    dependencies: { ours: "file:ours" },
    devDependencies: { theirs: "file:theirs" },
  });
  expect(Object.keys(locked)).toEqual(["", "node_modules/ours", "node_modules/theirs", "ours", "theirs"]);
  expect(project.git("diff")).toBe("");
});

test("a lock file is left as it is while package.json has conflicts", () => {
  remake({ from: "starter" }, template.commit(packages("sequent-blog")));
  project.commit(packages("shop", "ours"));
  template.commit(packages("sequent-blog", "theirs"));
  const { conflicts, isLockFileRight } = updateProject();
  expect(conflicts.map(({ path }) => path)).toEqual(["package-lock.json", "package.json"]);
  expect(isLockFileRight).toBe(false);
});

test("a dry run finds the same, and changes nothing", () => {
  project.commit({ "README.md": "# Shop\n\nOurs.\n\nIt has authors.\n\nThe end.\n" });
  project.remove("src/post.ts");
  project.commit();
  template.commit({
    "README.md": files["README.md"].replace("A blog", "Theirs"),
    "src/post.ts": functions("there"),
    "src/new.ts": functions("fresh"),
  });
  const before = project.state();
  const found = updateProject({ dryRun: true });
  expect(found.conflicts).toEqual([{ path: "README.md", reason: "changed on both sides" }]);
  expect(found.leftAlone).toEqual(["src/post.ts"]);
  expect(project.state()).toEqual(before);
  expect(updateProject()).toEqual(found);
});

test("a dry run looks at what is committed, and needs no clean work tree", () => {
  project.write({ "src/post.ts": "not committed", "new.txt": "not committed" });
  template.commit({ "src/author.ts": functions("there") });
  expect(updateProject({ dryRun: true }).changes).toContainEqual({
    kind: "changed",
    path: "src/customer.ts",
  });
});

test("git reset --hard undoes an update", () => {
  project.commit({ "README.md": "# Shop\n\nOurs.\n" });
  const before = project.state();
  template.commit({ "README.md": files["README.md"].replace("A blog", "Theirs"), "deep/in/new.ts": "" });
  expect(updateProject().conflicts).toHaveLength(1);
  project.git("reset", "--hard");
  expect(project.state()).toEqual(before);
});

test("a branch or an older commit can be wanted", () => {
  const second = template.commit({ "src/new.ts": functions("second") });
  template.commit({ "src/new.ts": functions("third") });
  updateProject({ to: second });
  project.commit();
  expect(project.read("src/new.ts")).toBe(functions("second"));
  template.git("branch", "before", first);
  updateProject({ to: "before" });
  expect(project.has("src/new.ts")).toBe(false);
});

test("a project that has the newest version is left as it is", () => {
  const before = project.state();
  expect(updateProject()).toMatchObject({ changes: [], conflicts: [] });
  expect(project.state()).toEqual(before);
});

test("a template that has moved is told once", () => {
  const moved = template.copy();
  moved.commit({ "src/new.ts": functions("fresh") });
  rmSync(template.folder, { recursive: true });
  expect(() => updateProject()).toThrow(/cannot be fetched from[\s\S]*--from <path or URL>/);
  updateProject({ from: moved.folder });
  expect(record()).toMatchObject({ template: moved.folder });
  moved.delete();
});

test("a commit that no branch of the template has any more is found while git has it", () => {
  template.git("commit", "--amend", "--message", "Other words");
  template.commit({ "src/new.ts": functions("fresh") });
  const from = pathToFileURL(template.folder).href; // from a path, git takes all commits anyway
  expect(updateProject({ from }).changes).toContainEqual({ kind: "added", path: "src/new.ts" });
});

test("a project may be a folder of a larger repository", () => {
  project.commit();
  for (const path of ["src", "package.json", "biome.json", "README.md", "tools", ".template.json"])
    if (project.has(path)) project.move(path, `apps/shop/${path}`);
  project.commit({ "src/post.ts": "of another project" });
  template.commit({ "src/post.ts": functions("there"), "src/new.ts": functions("fresh") });
  const outcome = updateProject({ project: project.at("apps/shop") });
  expect(outcome.changes.map(({ path }) => path)).toEqual([
    "apps/shop/.template.json",
    "apps/shop/src/new.ts",
    "apps/shop/src/post.ts",
  ]);
});

test.each<[string, () => unknown, RegExp, Partial<Wanted>?]>([
  [
    "changes that are not committed",
    () => project.write({ "src/post.ts": "x", "new.txt": "x" }),
    /not committed:\n {3}M src\/post.ts\n {2}\?\? new.txt\nCommit them/,
  ],
  ["no record of a template", () => removed(".template.json"), /not made with npm run new/],
  ["a broken record", () => project.commit({ ".template.json": "{" }), /cannot be read: .*\nTake it from an/],
  [
    "a record without a commit",
    () => project.commit({ ".template.json": "{}" }),
    /its commit or its template/,
  ],
  [
    "no repository",
    () => rmSync(project.at(".git"), { recursive: true }),
    /not in a git repository[\s\S]*git init/,
  ],
  ["no such branch", () => {}, /no commit or branch "nowhere" in .*Its branches: main\./, { to: "nowhere" }],
  [
    "an unknown commit",
    () => setCommit("0123456789012345678901234567890123456789"),
    /which is not in[\s\S]*--from/,
  ],
  [
    "a version that no project can be made of",
    () => withoutRecipe(),
    /recipe\.json does not fit this commit/,
  ],
  ["a template that is no repository", () => {}, /fetched from \.\.\/nowhere/, { from: "../nowhere" }],
  [
    "a template that is behind",
    () => {
      setCommit(template.commit());
      template.git("reset", "--hard", first);
    },
    /made from a later one[\s\S]*--to/,
  ],
  ["a merge that is under way", () => beginConflict("merge"), /A merge is under way[\s\S]*git merge --abort/],
  [
    "a rebase that is under way",
    () => beginConflict("rebase"),
    /A rebase is under way[\s\S]*git rebase --abort/,
  ],
])("%s is refused, and nothing changes", (_, prepare, message, wanted) => {
  prepare();
  const before = project.has(".git") && project.state();
  expect(() => updateProject(wanted)).toThrow(message);
  expect(() => updateProject(wanted)).toThrow(Refused); // so the program shows the message alone
  expect(project.has(".git") && project.state()).toEqual(before);
});

function updateProject(wanted: Partial<Wanted> = {}) {
  return update({ project: project.folder, ...wanted });
}

/** A project as `npm run new` makes it. */
function make(folder: GitFolder, choices: object, commit = first): void {
  const names = {
    template: template.folder,
    name: "shop",
    title: "Shop",
    from: "starter",
    rename: {},
  } as const;
  render(template.folder, commit, { ...names, ...choices }, folder.folder);
  folder.commit();
}

function remake(choices: object, commit?: string): void {
  project.delete();
  project = new GitFolder();
  make(project, choices, commit);
}

/** A package.json and its lock file, with a dependency that is a folder: npm needs no registry for it. */
function packages(name: string, folder?: string, isDev = false): Record<string, string> {
  const needs = folder && { [isDev ? "devDependencies" : "dependencies"]: { [folder]: `file:${folder}` } };
  const project = { name, version: "0.1.0" };
  const found = folder && {
    [`node_modules/${folder}`]: { resolved: folder, link: true },
    [folder]: { version: "1.0.0" },
  };
  const lock = {
    ...project,
    lockfileVersion: 3,
    requires: true,
    packages: { "": { ...project, ...needs }, ...found },
  };
  return {
    "package.json": `${JSON.stringify({ ...project, ...(!isDev && needs), description: "Shop", scripts: {}, ...(isDev && needs) }, null, 2)}\n`,
    "package-lock.json": `${JSON.stringify(lock, null, 2)}\n`,
    ...(folder && { [`${folder}/package.json`]: JSON.stringify({ name: folder, version: "1.0.0" }) }),
  };
}

function removed(path: string): void {
  project.remove(path);
  project.commit();
}

function withoutRecipe(): void {
  template.remove("tools/recipe.json");
  template.commit();
}

function setCommit(commit: string): void {
  project.commit({ ".template.json": JSON.stringify({ ...record(), commit }) });
}

function beginConflict(command: string): void {
  project.git("checkout", "--quiet", "-b", "other");
  project.commit({ "src/post.ts": "other" });
  project.git("checkout", "--quiet", "main");
  project.commit({ "src/post.ts": "main" });
  expect(() => project.git(command, "other")).toThrow();
}

function record(): object {
  return JSON.parse(project.read(".template.json"));
}

function functions(...names: readonly string[]): string {
  return names.map((name) => `export function ${name}() {\n  return 1;\n}\n`).join("\n");
}
