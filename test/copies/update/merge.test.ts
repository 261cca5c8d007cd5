import { chmodSync, readFileSync, statSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Git } from "../../../tools/git.ts";
import { type Changes, changesIn } from "../../../tools/update/changes.ts";
import { merge } from "../../../tools/update/merge.ts";
import { GitFolder } from "../../support/git-folder.ts";

const lines = (...changed: readonly string[]) =>
  [..."abcdefghijklmnopqrst"].map((each) => changed.find((line) => line.startsWith(each)) ?? each).join("\n");

const example = {
  "a.ts": lines(),
  "pages/home.ts": `home\n${lines()}`,
  "pages/list.ts": `list\n${lines()}`,
  "bench/speed.ts": `speed\n${lines()}`,
  "bench/load.ts": `load\n${lines()}`,
  "logo.png": Buffer.from([0, 1, 2, 3]),
  ".template.json": '{ "commit": "old" }',
};

const made: GitFolder[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) folder.delete();
});

test("what changed in the template comes in, and what changed here stays", () => {
  const { project } = update({
    here: (project) => project.write({ "a.ts": lines("b here"), "own.ts": "mine" }),
    there: (next) => next.write({ "a.ts": lines("s there"), "pages/new.ts": "new" }),
  });
  expect(project.read("a.ts")).toBe(lines("b here", "s there"));
  expect(project.read("own.ts")).toBe("mine");
  expect(project.git("diff", "--cached", "--name-only").split("\n")).toEqual(["a.ts", "pages/new.ts"]);
});

test("where both sides changed a line, the markers say whose side is whose", () => {
  const { project, conflicts } = update({
    here: (project) => project.write({ "a.ts": lines("b here") }),
    there: (next) => next.write({ "a.ts": lines("b there") }),
  });
  expect(project.read("a.ts")).toContain(
    "a\n<<<<<<< yours\nb here\n=======\nb there\n>>>>>>> sequent-blog 2222222\nc\n",
  );
  expect(conflicts).toEqual([{ path: "a.ts", reason: "changed on both sides" }]);
});

test("the old text is named too, if git shows it", () => {
  const { project } = update({
    here: (project) => {
      project.git("config", "merge.conflictStyle", "diff3");
      project.write({ "a.ts": lines("b here") });
    },
    there: (next) => next.write({ "a.ts": lines("b there") }),
  });
  expect(project.read("a.ts")).toContain("\n||||||| sequent-blog 1111111\nb\n=======\n");
});

test("a file that was renamed here is changed under its new name", () => {
  const { project, conflicts } = update({
    here: (project) => {
      project.move("a.ts", "src/b.ts");
      project.write({ "src/b.ts": lines("b here") });
    },
    there: (next) => next.write({ "a.ts": lines("s there") }),
  });
  expect(conflicts).toEqual([]);
  expect(project.read("src/b.ts")).toBe(lines("b here", "s there"));
  expect(project.has("a.ts")).toBe(false);
});

test("a file that was renamed there is renamed here with its changes", () => {
  const { project, changes, conflicts } = update({
    here: (project) => project.write({ "a.ts": lines("b here") }),
    there: (next) => {
      next.move("a.ts", "c.ts");
      next.write({ "c.ts": lines("s there") });
    },
  });
  expect(conflicts).toEqual([]);
  expect(changes).toEqual([{ kind: "moved", path: "c.ts", from: "a.ts" }]);
  expect(project.read("c.ts")).toBe(lines("b here", "s there"));
});

test("a new file goes to where its folder was moved", () => {
  const { changes } = update({
    here: (project) => project.move("pages", "src/pages"),
    there: (next) => next.write({ "pages/new.ts": "new" }),
  });
  expect(changes).toEqual([{ kind: "added", path: "src/pages/new.ts" }]);
});

test("a folder whose files were moved and deleted in equal parts counts as moved", () => {
  const { changes, leftAlone } = update({
    here: (project) => {
      project.move("pages/home.ts", "src/pages/home.ts");
      project.remove("pages");
    },
    there: (next) => next.write({ "pages/new.ts": "new" }),
  });
  expect(changes).toEqual([{ kind: "added", path: "src/pages/new.ts" }]);
  expect(leftAlone).toEqual([]);
});

test("a file that both sides added is a conflict, unless both are equal", () => {
  const { conflicts, project } = update({
    here: (project) => project.write({ "both.ts": "here\n", "equal.ts": "equal\n" }),
    there: (next) => next.write({ "both.ts": "there\n", "equal.ts": "equal\n" }),
  });
  expect(conflicts).toEqual([{ path: "both.ts", reason: "added on both sides" }]);
  expect(project.read("both.ts")).toMatch(/<<<<<<< yours\nhere\n=======\nthere\n>>>>>>> sequent-blog/);
});

test("what was deleted here stays deleted, and is listed if it changed there", () => {
  const { project, leftAlone, changes, conflicts } = update({
    here: (project) => project.remove("a.ts", "pages/home.ts"),
    there: (next) => {
      next.write({ "a.ts": lines("b there") });
    },
  });
  expect([changes, conflicts]).toEqual([[], []]);
  expect(project.has("a.ts")).toBe(false);
  expect(leftAlone).toEqual(["a.ts"]);
});

test("what was deleted here does not come back under the name that it has now", () => {
  const { leftAlone, changes, conflicts } = update({
    here: (project) => project.remove("a.ts"),
    there: (next) => {
      next.move("a.ts", "c.ts");
      next.write({ "c.ts": lines("b there") });
    },
  });
  expect([changes, conflicts]).toEqual([[], []]);
  expect(leftAlone).toEqual(["c.ts"]);
});

test("a copy of what was deleted here is a new file", () => {
  const { changes, leftAlone, conflicts } = update({
    here: (project) => project.remove("a.ts"),
    there: (next) => next.write({ "b.ts": lines("b there") }),
  });
  expect(changes).toEqual([{ kind: "added", path: "b.ts" }]);
  expect([leftAlone, conflicts]).toEqual([[], []]);
});

test("a folder that was deleted here gets nothing new", () => {
  const { leftAlone, changes } = update({
    here: (project) => project.remove("bench"),
    there: (next) =>
      next.write({ "bench/new.ts": "new", "bench/deep/new.ts": "new", "bench2/new.ts": "new" }),
  });
  expect(leftAlone).toEqual(["bench/"]);
  expect(changes).toEqual([{ kind: "added", path: "bench2/new.ts" }]);
});

test("a file that moved there into a folder that was deleted here is kept", () => {
  const { leftAlone, changes } = update({
    here: (project) => project.remove("bench"),
    there: (next) => next.move("a.ts", "bench/a.ts"),
  });
  expect(leftAlone).toEqual([]);
  expect(changes).toEqual([{ kind: "moved", path: "bench/a.ts", from: "a.ts" }]);
});

test("a file that was deleted there goes here too, if it is as it was", () => {
  const { changes, conflicts, project } = update({
    here: (project) => project.write({ "pages/home.ts": `home\n${lines("b here")}` }),
    there: (next) => next.remove("pages/home.ts", "pages/list.ts"),
  });
  expect(changes).toEqual([{ kind: "removed", path: "pages/list.ts" }]);
  expect(conflicts).toEqual([
    { path: "pages/home.ts", reason: "changed here, removed there: git add keeps it, git rm removes it" },
  ]);
  expect(project.read("pages/home.ts")).toContain("b here");
});

test.each(["false", "true"])(
  "a file with CRLF keeps it and takes changes, with core.autocrlf=%s",
  (autocrlf) => {
    const crlf = (text: string) => text.replaceAll("\n", "\r\n");
    const { project, conflicts } = update({
      here: (project) => {
        project.write({ "a.ts": crlf(lines("b here")) });
        project.move("pages/home.ts", "pages/start.ts");
        project.write({ "pages/start.ts": crlf(`home\n${lines("b here")}`) });
        project.commit();
        project.git("config", "core.autocrlf", autocrlf);
      },
      there: (next) => {
        next.move("a.ts", "c.ts");
        next.write({ "c.ts": lines("s there"), "pages/home.ts": `home\n${lines("s there")}` });
      },
    });
    expect(conflicts).toEqual([]);
    expect(project.read("c.ts")).toBe(crlf(lines("b here", "s there")));
    expect(project.read("pages/start.ts")).toBe(crlf(`home\n${lines("b here", "s there")}`));
  },
);

test("with the settings of Windows, where git stores LF, there is no conflict either", () => {
  const { project, conflicts } = update({
    here: (project) => {
      project.git("config", "core.autocrlf", "true");
      project.write({ "a.ts": lines("b here").replaceAll("\n", "\r\n") });
    },
    there: (next) => next.write({ "a.ts": lines("s there") }),
  });
  expect(conflicts).toEqual([]);
  expect(project.git("show", ":a.ts")).toBe(lines("b here", "s there"));
  expect(project.read("a.ts")).toBe(lines("b here", "s there").replaceAll("\n", "\r\n"));
});

test("a picture that both sides changed is a conflict, and yours is kept", () => {
  const { project, conflicts } = update({
    here: (project) => project.write({ "logo.png": Buffer.from([0, 7]) }),
    there: (next) => next.write({ "logo.png": Buffer.from([0, 8]) }),
  });
  expect(conflicts).toEqual([
    {
      path: "logo.png",
      reason: "changed on both sides; yours is there, and git checkout --theirs takes the other",
    },
  ]);
  expect([...readFileSync(project.at("logo.png"))]).toEqual([0, 7]);
});

test.skipIf(process.platform === "win32")("a program that became executable there is so here", () => {
  const { project } = update({
    here: (project) => project.write({ "a.ts": lines("b here") }),
    there: (next) => chmodSync(next.at("a.ts"), 0o755),
  });
  expect(statSync(project.at("a.ts")).mode & 0o111).not.toBe(0);
  expect(project.read("a.ts")).toBe(lines("b here"));
});

test("the record of the template never conflicts, whatever its format is", () => {
  const { project, changes, conflicts } = update({
    here: (project) => project.write({ ".template.json": '{"commit":"old"}\n' }),
    there: (next) => next.write({ ".template.json": '{ "commit": "new" }' }),
  });
  expect(conflicts).toEqual([]);
  expect(changes).toEqual([{ kind: "changed", path: ".template.json" }]);
  expect(project.read(".template.json")).toContain("new");
});

test("a file that git ignores is not replaced by one of the template", () => {
  let project: GitFolder | undefined;
  const run = () =>
    update({
      here: (made) => {
        project = made;
        made.write({ ".gitignore": "*.local\n", "a.local": "mine" });
      },
      there: (next) => next.write({ "a.local": "theirs" }),
    });
  expect(run).toThrow(/a\.local[\s\S]*Move them away/);
  expect(project?.read("a.local")).toBe("mine");
  expect(project?.git("status", "--porcelain")).toBe("");
});

test("a project may be a folder of a larger repository", () => {
  const { project, leftAlone } = update({
    prefix: "apps/shop/",
    here: (project) => {
      project.write({ "apps/shop/a.ts": lines("b here"), "a.ts": "of another project" });
      project.remove("apps/shop/bench");
    },
    there: (next) => {
      next.write({
        "apps/shop/a.ts": lines("s there"),
        "apps/shop/bench/new.ts": "",
      });
    },
  });
  expect(project.read("apps/shop/a.ts")).toBe(lines("b here", "s there"));
  expect(project.read("a.ts")).toBe("of another project");
  expect(leftAlone).toEqual(["apps/shop/bench/"]);
});

test("git reset --hard leaves nothing behind", () => {
  let before: unknown;
  const { project, conflicts } = update({
    here: (project) => {
      project.write({ "a.ts": lines("b here") });
      project.remove("bench");
      project.commit();
      project.git("config", "rerere.enabled", "true"); // it would remember the conflict
      before = project.state();
    },
    there: (next) => {
      next.write({ "a.ts": lines("b there"), "deep/in/new.ts": "new" });
      next.move("pages/home.ts", "pages/start.ts");
    },
  });
  expect(conflicts).toHaveLength(1);
  project.git("reset", "--quiet", "--hard");
  expect(project.state()).toEqual(before);
  expect(project.has("deep")).toBe(false);
});

interface Sides {
  readonly here: (project: GitFolder) => void;
  readonly there: (template: GitFolder) => void;
  /** The folder of the project in its repository. */
  readonly prefix?: string;
}

/** Makes a project from the template, changes both, and updates the project. */
function update({ here, there, prefix = "" }: Sides): Changes & { project: GitFolder; leftAlone: string[] } {
  const files = Object.fromEntries(Object.entries(example).map(([path, text]) => [prefix + path, text]));
  const base = new GitFolder(files);
  const [next, project] = [base.copy(), base.copy()];
  made.push(base, next, project);
  there(next);
  project.commit();
  here(project);
  if (project.git("status", "--porcelain")) project.commit();
  const git = new Git(project.folder);
  const versions = {
    base: { folder: base.folder, label: "sequent-blog 1111111" },
    next: { folder: next.folder, label: "sequent-blog 2222222" },
  };
  const leftAlone = merge(git, versions, prefix);
  return { project, leftAlone, ...changesIn(git) };
}
