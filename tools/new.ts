import { relative, resolve } from "node:path";
import { command, NotUnderstood } from "../src/bin/command.ts";
import { begin, tryOut } from "./new/begin.ts";
import { chosen } from "./new/choice.ts";
import { withExample } from "./new/example.ts";
import { newFolder } from "./new/folder.ts";
import { templateAt } from "./new/template.ts";
import { committedFiles } from "./rendering/committed-files.ts";
import { rendered } from "./rendering/render.ts";

const help = `Makes a new project, in a folder that is not there yet or is empty: framework, database, server and tests, with one
aggregate as an example.

  npm run new -- ../shop
  npm run new -- ../shop --from blog --rename Author:Vendor,Post:Product

  --from blog      all of the blog, instead of one example
  --rename A:B,…   other words for those of the blog, in files, names, tables, routes and texts. If the plural follows no
                   rule, write it, too: Author:Person/People
  --name shop      the name, if it is not that of the folder
  --title "Shop"   the name as people read it
  --without-sign-in   leaves out sign-in and mail; without it, they are there, and nobody can sign in before you say who
  --dry-run        tries the words, lists the files, and makes none
  --help           this text

Only what is committed comes into the project.`;

await command(
  help,
  async ({ values, positionals: [folder, ...more] }) => {
    if (folder === undefined) throw new NotUnderstood("Say where: npm run new -- ../shop");
    if (more.length > 0) throw new NotUnderstood(`One folder is enough. Not understood: ${more.join(" ")}`);
    const template = templateAt(resolve(import.meta.dirname, ".."));
    const path = resolve(process.env["INIT_CWD"] ?? ".", folder);
    newFolder(path, template.folder);
    const files = committedFiles(template.folder, template.commit);
    const project = { template: template.addressFrom(path), ...chosen(files, path, values) };

    if (values["dry-run"]) {
      tryOut(template, project);
      console.log([...rendered(files, template.commit, project, withExample).keys()].sort().join("\n"));
      return;
    }
    const count = begin(template, project, path);
    if (template.uncommitted.length > 0) console.warn(notIn(template.uncommitted));
    const [short = path] = [path, relative(process.env["INIT_CWD"] ?? ".", path)].sort(
      (a, b) => a.length - b.length,
    );
    console.log(`${project.title} is in ${short}: ${count} files, in one commit. Next:

  cd ${/\s/.test(short) ? JSON.stringify(short) : short}
  npm install
  npm start`);
  },
  {
    options: {
      from: { type: "string" },
      rename: { type: "string" },
      name: { type: "string" },
      title: { type: "string" },
      "without-sign-in": { type: "boolean" },
      "dry-run": { type: "boolean" },
    },
    allowPositionals: true,
  },
);

function notIn(uncommitted: readonly string[]): string {
  const [first] = uncommitted;
  const others = uncommitted.length === 1 ? "" : ` and ${uncommitted.length - 1} more`;
  return `Not in the project, because it is not committed here: ${first}${others}.\n`;
}
