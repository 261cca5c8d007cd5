import { command, NotUnderstood } from "../src/bin/command.ts";
import { generate } from "./generate/kinds.ts";
import { Tree } from "./tree.ts";
import { difference, formatted, readTexts, write } from "./work-tree.ts";

const help = `Adds a part to this project, with its tests.

  npm run generate -- aggregate Person "name:string(notBlank,maxLength(80))" born:date
  npm run generate -- event Person PersonMoved city:string
  npm run generate -- command Person MovePerson "city:string(notBlank)"
  npm run generate -- projection Person --plural People   a view of all attributes; or name them: name:text
  npm run generate -- page Person                         a list, a form and a page, of that view
  npm run generate -- workflow Welcome PersonAdded        reacts to an event

An attribute is a name and a type. All types and rules: docs/reference/generators.md

  --plural People   the plural of Person, if it is not the one that English rules give
  --dry-run         shows what would change, and changes nothing`;

await command(
  help,
  async ({ values: { plural, "dry-run": isDryRun }, positionals: [kind, ...words] }) => {
    if (kind === undefined) throw new NotUnderstood("Say what to generate.");
    const before = readTexts();
    const tree = new Tree(before);
    const notes = generate(tree, kind, words, { plural });
    const changes = await formatted(tree.changes);
    if (isDryRun) {
      console.log(difference(changes, before));
      return;
    }
    await write(changes, before);
    for (const path of changes.keys()) console.log(`${before.has(path) ? "changed" : "new    "}  ${path}`);
    for (const note of notes) console.log(`\n${note}`);
  },
  { options: { plural: { type: "string" }, "dry-run": { type: "boolean" } }, allowPositionals: true },
);
