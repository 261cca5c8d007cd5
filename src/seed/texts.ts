import { readdirSync, readFileSync } from "node:fs";

export type SeedAuthor = ReturnType<typeof readAuthor>;
export type SeedPost = ReturnType<typeof readPost>;

/** Each folder is an author: `about.md`, and a file for each post. */
export function readAuthors(): SeedAuthor[] {
  const entries = readdirSync(new URL(".", import.meta.url), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return folders.sort().map(readAuthor);
}

function readAuthor(folder: string) {
  const { valuesOf } = readText(`${folder}/about.md`);
  const [name = "", email = ""] = [...valuesOf("name"), ...valuesOf("email")];
  const files = readdirSync(new URL(folder, import.meta.url)).filter((file) => file !== "about.md");
  return { name, email, posts: files.sort().map((file) => readPost(`${folder}/${file}`)) };
}

function readPost(path: string) {
  const { valuesOf, content } = readText(path);
  const [title = ""] = valuesOf("title");
  const [published] = valuesOf("published"); // a draft has none
  return { title, published, edits: valuesOf("edit").map((edit) => edit.split(" → ")), content };
}

/** The head stands between two lines of `---`, each line a name and a value. The text stands below it. */
function readText(path: string) {
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  const [, head = "", content = ""] = /^---\n(.*?)\n---\n(.*)/s.exec(text) ?? [];
  const valuesOf = (name: string) =>
    [...head.matchAll(new RegExp(`^${name}: (.*)`, "gm"))].map(([, value = ""]) => value);
  return { valuesOf, content: content.trim() };
}
