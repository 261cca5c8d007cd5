import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { chosen } from "../../../tools/new/choice.ts";
import { newFolder } from "../../../tools/new/folder.ts";
import { templateAt } from "../../../tools/new/template.ts";
import type { Files } from "../../../tools/rendering/committed-files.ts";
import { filesOfTheWorkTree } from "../../support/copy.ts";
import { root } from "../../support/files.ts";
import { GitFolder } from "../../support/git-folder.ts";

const files: Files = new Map(
  filesOfTheWorkTree()
    .filter((path) => path.startsWith("src/") || path === "package.json")
    .map((path) => [path, { mode: "100644", content: readFileSync(join(root, path)) }]),
);

afterEach(() => vi.unstubAllEnvs());

test("the name of a project is that of its folder, and its title follows", () => {
  expect(chosen(files, "/work/book-club", {})).toEqual({
    name: "book-club",
    title: "Book Club",
    from: "starter",
    rename: {},
  });
  expect(chosen(files, "/work/My Books", { name: "books", title: "My Books" })).toMatchObject({
    name: "books",
    title: "My Books",
  });
});

test.each(["Shop", "a", "my shop", "1st", "shop-", "x".repeat(32), "ünder"])(
  "%s cannot be the name of a project",
  (name) => {
    expect(() => chosen(files, `/work/${name}`, {})).toThrow(
      /cannot be the name of a project.*--name book-club/,
    );
  },
);

test("a project may have the name of the template", () => {
  expect(chosen(files, "/work/blog", {})).toMatchObject({ name: "blog", title: "Blog" });
});

test.each([
  "server",
  "web",
  "settings",
  "class",
  "error",
  "map",
  "http",
  "postgres",
  "command",
  "express",
  "typescript",
])("%s is taken", (name) => {
  expect(() => chosen(files, `/work/${name}`, {})).toThrow(/is taken/);
});

test.each(['a "b"', "<b>", "$x", " "])("%s cannot be a title", (title) => {
  expect(() => chosen(files, "/work/shop", { title })).toThrow(/cannot be used/);
});

test("words of the blog are renamed, with their plurals", () => {
  const { rename } = chosen(files, "/work/shop", {
    from: "blog",
    rename: "Author:person/people,Post:BookReview",
  });
  expect(rename).toEqual({ Author: "Person/People", Post: "BookReview" });
});

test.each([
  ["Autor:Vendor", /The blog has no Autor to rename. It has: Author, .*Post/],
  ["Author", /needs pairs such as Author:Vendor,Post:Product/],
  ["Author:Vendor,Author:Maker", /has Author twice/],
  ["Author:Thing,Post:Thing", /Post and Author cannot both be called Thing/],
  ["Author:Shop", /Author and the project cannot both be called Shop/],
  ["Author:Post", /The blog has Post already/],
  ["Author:Error", /"Error" is taken/],
  ["Post:Map", /"Map" is taken/],
  ["Post:Event", /"Event" is taken/],
  ["Post:class", /taken/],
  ["Post:Sheep/Sheep", /Sheep needs a plural of its own/],
  ["Post:A-1!", /cannot be the name/],
])("--rename %s is refused with its reason", (rename, reason) => {
  expect(() => chosen(files, "/work/shop", { from: "blog", rename })).toThrow(reason);
});

test("words of the blog are renamed in a blog only", () => {
  expect(() => chosen(files, "/work/shop", { rename: "Author:Vendor" })).toThrow(/together with --from blog/);
  expect(() => chosen(files, "/work/shop", { from: "shop" })).toThrow(/--from is "shop"/);
});

test("a project begins in a folder that is not there, or has nothing in it but .git", () => {
  const folder = emptyFolder();
  newFolder(join(folder, "new"), root);
  newFolder(folder, root);
  mkdirSync(join(folder, ".git"));
  newFolder(folder, root);
  writeFileSync(join(folder, "notes.txt"), "");
  expect(() => newFolder(folder, root)).toThrow(/is not empty: it has notes\.txt in it/);
  expect(() => newFolder(join(folder, "notes.txt"), root)).toThrow(/is a file/);
  for (const inside of [root, join(root, "shop"), join(root, "..shop")])
    expect(() => newFolder(inside, root)).toThrow(/is inside of this project/);
});

test("a starter can do without sign-in, and a blog cannot", () => {
  const without = { "without-sign-in": true };
  expect(chosen(files, "/work/shop", without)).toMatchObject({ from: "starter", without: ["sign-in"] });
  expect(() => chosen(files, "/work/shop", { ...without, from: "blog" })).toThrow(/The blog needs sign-in/);
});

test("a template without a repository or a commit says so", () => {
  const folder = emptyFolder();
  expect(() => templateAt(folder)).toThrow(/is no git repository/);
});

test("a template of another user is refused in the words of git, which say what to do", () => {
  const { folder } = madeRepository();
  vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "true");
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(emptyFolder(), "none"));
  expect(() => templateAt(folder)).toThrow(/git config --global --add safe\.directory/);
});

test.each([
  ["https://ada:secret@example.com/blog.git", "https://example.com/blog.git"],
  ["https://example.com/@ada/blog.git", "https://example.com/@ada/blog.git"],
  ["git@example.com:ada/blog.git", "git@example.com:ada/blog.git"],
])("a project remembers a template at %s as %s", (origin, address) => {
  const made = madeRepository();
  made.git("remote", "add", "origin", origin);
  expect(templateAt(made.folder).addressFrom(emptyFolder())).toBe(address);
});

test("a template that was not cloned is remembered by its folder", () => {
  const { folder } = madeRepository();
  expect(templateAt(folder).addressFrom(join(folder, "../shop"))).toBe(`../${basename(folder)}`);
});

function madeRepository(): GitFolder {
  const made = new GitFolder({}, emptyFolder());
  made.commit({ "a.txt": "" });
  return made;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "new-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
