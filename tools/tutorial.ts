import { resolve } from "node:path";
import { command, NotUnderstood, wholeNumber } from "../src/bin/command.ts";
import { beginAt } from "./tutorial/begin-at.ts";
import { check } from "./tutorial/check.ts";
import { checkReader } from "./tutorial/check-reader.ts";
import { showDifference } from "./tutorial/diff.ts";
import { goTo } from "./tutorial/goto.ts";
import { mutants } from "./tutorial/mutants.ts";
import { Reader } from "./tutorial/reader.ts";

const help = `Helps you through the tutorial, in docs/tutorial.

  npm run tutorial -- check               where you are, and what is missing
  npm run tutorial -- diff 3.2            what differs from the files at the end of step 3.2; without it, of where you are
  npm run tutorial -- goto 3.2            writes the files of step 3.2 into your project
  npm run tutorial -- goto 3.2 ../other   makes a new project with them

In the template, from which projects are made, check does all that the tutorial says and compares what happens:

  --from 2.1   from a step or chapter on: the files are as the text says, and nothing is stored yet
  --to 2.4     up to a step or chapter
  --on ../blog from a project as it is, with what it has stored, instead of the steps before
  --keep       leaves the folder there
  --write      takes the pictures that are missing or out of date

  mutants      changes a line of the text, or a name of the framework, 20 times; check must find each
  --seed 7, --count 20, --from and --to as above; with --on, each change is played from the first step on`;

const root = resolve(import.meta.dirname, "..");

await command(
  help,
  async ({ values, positionals: [what, name, folder, ...more] }) => {
    if (more.length > 0) throw new NotUnderstood(`Not understood: ${more.join(" ")}`);
    const isReader = Reader.isIn(root);
    if (isReader && Object.keys(values).length > 0)
      throw new NotUnderstood("The options are for the template, from which projects are made.");
    if (what === "check" && name === undefined) {
      const isWell = isReader ? await checkReader(new Reader(root)) : await check(root, values);
      if (!isWell) process.exitCode = 1;
    } else if (what === "mutants" && name === undefined && !isReader) {
      const seed = values.seed === undefined ? Date.now() % 100_000 : wholeNumber("--seed", values.seed);
      const count = wholeNumber("--count", values.count ?? "20");
      if (!(await mutants(root, { ...values, seed, count }))) process.exitCode = 1;
    } else if (what === "goto" && name !== undefined && folder !== undefined) {
      await beginAt(root, name, resolve(process.env["INIT_CWD"] ?? ".", folder));
    } else if (what === "goto" && name !== undefined) {
      if (!isReader)
        throw new NotUnderstood(`This is the template. Say where: npm run tutorial -- goto ${name} ../blog`);
      await goTo(new Reader(root), name);
    } else if (what === "diff" && folder === undefined) {
      if (!isReader)
        throw new NotUnderstood("This is the template. Run it in a project that was made from it.");
      await showDifference(new Reader(root), name);
    } else throw new NotUnderstood("Say what to do: check, diff or goto.");
  },
  {
    options: {
      from: { type: "string" },
      to: { type: "string" },
      on: { type: "string" },
      keep: { type: "boolean" },
      write: { type: "boolean" },
      seed: { type: "string" },
      count: { type: "string" },
    },
    allowPositionals: true,
  },
);
