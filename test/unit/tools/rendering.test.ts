import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withExample } from "../../../tools/new/example.ts";
import type { Files } from "../../../tools/rendering/committed-files.ts";
import { withoutLeftOut } from "../../../tools/rendering/lists.ts";
import { withoutNames, withSectionsOf } from "../../../tools/rendering/pages.ts";
import type { Project } from "../../../tools/rendering/project.ts";
import { leftOut, RecipeDoesNotFit, recipeOf } from "../../../tools/rendering/recipe.ts";
import { NameTaken, Renaming } from "../../../tools/rendering/renaming.ts";
import { rendered } from "../../../tools/rendering/render.ts";
import { withoutWords } from "../../../tools/rendering/without.ts";
import { filesOfTheWorkTree } from "../../support/copy.ts";
import { root } from "../../support/files.ts";

const template: Files = new Map(
  filesOfTheWorkTree().map((path) => [path, { mode: "100644", content: readFileSync(join(root, path)) }]),
);
const shop: Project = { template: "../blog", name: "shop", title: "The Shop", from: "starter", rename: {} };
const recipe = recipeOf(template);

describe("words are renamed", () => {
  const words = new Renaming(
    {
      ...shop,
      name: "book-club",
      title: "Book Club",
      from: "blog",
      rename: { Author: "BookStore", Post: "Entry" },
    },
    recipe,
  );
  test.each([
    ["new AddPost({ postId, authorAggregateId })", "new AddEntry({ entryId, bookStoreAggregateId })"],
    ["const posts = [post, author];", "const entries = [entry, bookStore];"],
    ["from view_schema.post_records, author_records", "from view_schema.entry_records, book_store_records"],
    [
      'import { author } from "./domain/author/index.ts";',
      'import { bookStore } from "./domain/book-store/index.ts";',
    ],
    ['get("/authors/:authorId/posts")', 'get("/book-stores/:bookStoreId/entries")'],
    ['AggregateRoot("Author", {', 'AggregateRoot("BookStore", {'],
    ['test("a post of an author", …)', 'test("an entry of a book store", …)'],
    ["// Authors write, and an author has posts.", "// Book stores write, and a book store has entries."],
    ["/** The class of `author`, an `Author`. */", "/** The class of `bookStore`, a `BookStore`. */"],
    ["`of $" + "{author.name}, the author`", "`of $" + "{bookStore.name}, the book store`"],
    ["createBlog(parts)", "createBookClub(parts)"],
    ['application_name: "sequent-blog"', 'application_name: "book-club"'],
    ['"Sequent Blog"', '"Book Club"'],
  ])("%s", (before, after) => {
    expect(words.content("src/x.ts", Buffer.from(before)).toString()).toBe(after);
  });

  test.each([
    ['app.post("/"); worker.postMessage(1);', "Postgres, posted, postpone, authorisation, POST"],
    ['methods = ["get", "post"]', 'html = `<form method="post">`'],
  ])("and others are not: %s %s", (...texts) => {
    for (const text of texts) expect(words.content("src/x.ts", Buffer.from(text)).toString()).toBe(text);
  });

  test.each([
    ["views/authors/show.ejs", '<a class="post" href="/posts/<%= post.id %>">The author</a>'],
    ["views/book-stores/show.ejs", '<a class="entry" href="/entries/<%= entry.id %>">The book store</a>'],
  ])("in %s too", (path, text) => {
    expect(words.path("views/authors/show.ejs")).toBe("views/book-stores/show.ejs");
    expect(
      words
        .content(path, Buffer.from('<a class="post" href="/posts/<%= post.id %>">The author</a>'))
        .toString(),
    ).toBe(
      path.includes("authors") ? '<a class="entry" href="/entries/<%= entry.id %>">The book store</a>' : text,
    );
  });

  test("in the code of a page as in a file", () => {
    const page = "See `AddAuthor`:\n\n```ts\nload(Author, (author) => author.rename());\n```\n";
    expect(words.content("docs/x.md", Buffer.from(page)).toString()).toBe(
      "See `AddBookStore`:\n\n```ts\nload(BookStore, (bookStore) => bookStore.rename());\n```\n",
    );
  });

  test("neither in the name nor in the text of a file that stays as it is", () => {
    const picture = "docs/tutorial/images/1-3-first-post.png";
    expect(words.path(picture)).toBe(picture);
    const text = Buffer.from("class Post");
    expect(words.content("docs/tutorial/README.md", text)).toBe(text);
  });

  test("all at once, so two words may change places", () => {
    const swapped = new Renaming(
      { ...shop, from: "blog", rename: { Author: "Post", Post: "Author" } },
      recipe,
    );
    expect(swapped.content("x.md", Buffer.from("a post by an author")).toString()).toBe(
      "an author by a post",
    );
  });

  test("the shop of the tests gives way to a project that is one", () => {
    expect(new Renaming(shop, recipe).path("test/fixtures/shop/shop.ts")).toBe(
      "test/fixtures/sample-shop/sample-shop.ts",
    );
  });
});

describe("what is left out", () => {
  const isLeftOut = (path: string) => path === "src/web/pages/posts.ts" || path === "docs/performance.md";

  test("is not imported, and is in no list", () => {
    const text = `import { postRoutes, type Post } from "./pages/posts.ts";
import { other } from "./other.ts";
const routes = [postRoutes, other];
const all = { other, ...postRoutes };
`;
    expect(withoutLeftOut("src/web/app.ts", text, isLeftOut)).toBe(`import { other } from "./other.ts";
const routes = [other];
const all = { other };
`);
  });

  test("is refused if it is used in another way", () => {
    const text = 'import { postRoutes } from "./pages/posts.ts";\npostRoutes();\n';
    expect(() => withoutLeftOut("src/web/app.ts", text, isLeftOut)).toThrow(
      /src\/web\/app\.ts uses postRoutes, which is left out, in another place than a list/,
    );
  });

  test("has no links, no line in a map of folders, and no row of its script", () => {
    const text =
      "See [speed](docs/performance.md#a).\ndocs/performance.md/  speed\n| `npm run bench` | speed |\n";
    expect(withoutNames("README.md", text, isLeftOut, ["bench"])).toBe("See speed.\n");
  });

  test("is in no list of pages", () => {
    const list = "- [Speed](bench/README.md): figures\n  - [Home](README.md#home): a page\n";
    expect(withoutNames("README.md", list, (path) => path === "bench/README.md", ["bench"])).toBe(
      "  - [Home](README.md#home): a page\n",
    );
  });

  test("is there: a recipe that names nothing does not fit", () => {
    const wrong = { ...recipe, leaveOut: { always: ["src/nothing.ts"], starter: [] } };
    expect(() => leftOut(wrong, template, shop)).toThrow(RecipeDoesNotFit);
    expect(() => recipeOf(new Map())).toThrow(/The first commit with one is the oldest/);
  });

  test("is understood: a recipe of a newer format is refused", () => {
    const content = Buffer.from(JSON.stringify({ ...recipe, format: 3 }));
    const newer: Files = new Map([["tools/recipe.json", { mode: "100644", content }]]);
    expect(() => recipeOf(newer)).toThrow(/its format is newer than the tools here/);
  });
});

describe("a part that a starter does without", () => {
  test.each([
    ["const all = { a, signIn };\n", "const all = { a };\n"],
    ["const all = { a: f(b), ...signIn, c };\n", "const all = { a: f(b), c };\n"],
    ["take({ a, signIn: b && c });\n", "take({ a });\n"],
    ["const is = a || signIn(b) !== c;\n", "const is = a;\n"],
    ["a();\n/** Why. */\nif (signIn) {\n  b();\n}\nc();\n", "a();\nc();\n"],
    ["a();\n\nconst b = signIn(\n  c,\n);\n\nd();\n", "a();\n\nd();\n"],
  ])("leaves a program: %j", (text, rest) => {
    expect(withoutWords("src/x.ts", text, /signIn/)).toBe(rest);
  });

  test.each([
    ["views/x.ejs", "<p>\n<% if (signIn) { -%>\n  a\n<% } -%>\n</p>\n", "<p>\n</p>\n"],
    ["compose.yaml", "a:\n  signIn:\n    b: 1\n  c: 2\n", "a:\n  c: 2\n"],
    ["docs/x.md", "# A\n\nOne.\n\nTwo signIn\nthree.\n\n- a\n- signIn\n", "# A\n\nOne.\n\n- a\n"],
    ["docs/x.md", "# A\n\n## signIn\n\nOne.\n\n## B\n", "# A\n\n## B\n"],
    ["docs/x.md", "| a | `b`, `signIn`, `c` |\n| signIn | d |\n", "| a | `b`, `c` |\n"],
  ])("leaves %s: %j", (path, text, rest) => {
    expect(withoutWords(path, text, /signIn/).trimEnd()).toBe(rest.trimEnd());
  });

  test("is named nowhere in the project", () => {
    const files = rendered(template, "0".repeat(40), { ...shop, without: ["sign-in"] }, withExample);
    const words = /(?<![a-z])sign(ed)?[-_ ]?in(?![a-z])|SignIn|nodemailer|SMTP_|\bvisitorOf/;
    const found = [...files].filter(
      ([path, { content }]) => words.test(path) || words.test(content.toString()),
    );
    const known = /^(\.template\.json|tools\/rendering\/)/; // it remembers what it does without
    expect(found.map(([path]) => path).filter((path) => !known.test(path))).toEqual([]);
  });

  test("is there: a recipe that cuts a file that it leaves out, or that is not there, does not fit", () => {
    const files = [...template.keys()];
    for (const { cut } of Object.values(recipe.without ?? {}))
      expect(Object.keys(cut).filter((path) => !files.includes(path))).toEqual([]);
  });
});

test("an empty section of a page is that of ours", () => {
  const ours = "# Ours\n\n## One\n\none\n\n## Two\n\ntwo\n";
  expect(withSectionsOf(ours, "# New\n\n## Own\n\nmine\n\n## Two\n")).toBe(
    "# New\n\n## Own\n\nmine\n\n## Two\n\ntwo\n",
  );
});

test("a starter has no word of the blog, except in the tools that update it", () => {
  const files = rendered(template, "0".repeat(40), shop);
  const words = /(?<![a-z])(authors?|blogs?)(?![a-z])/i;
  const found = [...files].filter(
    ([path, { content }]) => words.test(path) || words.test(content.toString()),
  );
  const known = [...recipe.asTheyAre, "docs", ".template.json"];
  expect(found.map(([path]) => path).filter((path) => !known.some((each) => path.startsWith(each)))).toEqual(
    [],
  );
});

test("a starter does without the search of the blog", () => {
  const files = rendered(template, "0".repeat(40), shop);
  const words = /SEARCH_URL|hasSearch|searchUrl|searchRoutes|search-service|SearchService/;
  const found = [...files].filter(
    ([path, { content }]) => words.test(path) || words.test(content.toString()),
  );
  expect(found.map(([path]) => path).filter((path) => path !== "tools/tutorial/terminal.ts")).toEqual([]);
});

test("the pages of a starter speak of authors, as its tutorial does, and show what the example has", () => {
  const made = rendered(template, "0".repeat(40), shop, withExample);
  const textOf = (path: string) => made.get(path)?.content.toString() ?? "";
  expect(textOf("docs/reference/attributes.md")).toContain('reference("Author")');
  const shown = textOf("docs/reference/looking-inside.md").match(
    /\b(Add|Edit|Publish)[A-Z]\w+|\b[A-Z]\w+(Added|Changed|Published)\b/g,
  );
  const known = `${textOf("src/domain/post/commands.ts")} ${textOf("src/domain/post/events.ts")}`;
  expect(shown?.length).toBeGreaterThan(3);
  expect(shown?.filter((name) => !known.includes(`class ${name} `))).toEqual([]);
});

test("two files cannot have one name", () => {
  const pages = { ...shop, from: "blog", rename: { Post: "Page" } } as const;
  expect(() => rendered(template, "0".repeat(40), pages)).toThrow(NameTaken);
});

test.each([{}, { Post: "Order" }, { Author: "pokemon" }, { Author: "Person/People", Post: "PhotoAlbum" }])(
  "a blog can be renamed: %j",
  (rename) => {
    const files = rendered(template, "0".repeat(40), { ...shop, from: "blog", rename });
    expect(files.size).toBeGreaterThan(500);
    expect(JSON.parse(files.get(".template.json")?.content.toString() ?? "")).toMatchObject({
      rename,
      from: "blog",
    });
    expect(files.get("package.json")?.content.toString()).toMatch(/^\{\s*"name": "shop"/);
  },
);
