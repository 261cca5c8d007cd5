import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Step, stepsOf } from "../../../tools/tutorial/chapters.ts";
import { Project } from "../../../tools/tutorial/project.ts";
import { type Ids, seen } from "../../../tools/tutorial/shapes.ts";
import { problemOf } from "../../../tools/tutorial/stage.ts";
import { State } from "../../../tools/tutorial/state.ts";
import { freePorts, Terminal } from "../../../tools/tutorial/terminal.ts";
import type { Visit } from "../../../tools/tutorial/visits.ts";
import { Walk } from "../../../tools/tutorial/walk.ts";
import { read } from "../../support/files.ts";

const files: Readonly<Record<string, string>> = {
  ".template.json": "{}\n",
  ".gitignore": "node_modules/\n",
  "biome.json": read("biome.json"),
  "src/names.js": 'export const names = ["Kim"];\n',
  "src/greet.js": `import { randomUUID } from "node:crypto";
import { names } from "./names.js";

const name = process.argv[2] ?? "Kim";
if (!names.includes(name)) throw new Error(\`\${name} is not known\`);
console.log(\`Hello \${name}\`);
console.log(\`\${randomUUID()} at \${new Date().toISOString()}\`);
`,
  "src/server.js": `import { createServer } from "node:http";
import { names } from "./names.js";

const port = process.env.PORT;
createServer((request, response) => {
  console.log(\`asked for \${request.url}\`);
  response.end(names.join("\\n"));
}).listen(port, () => console.log(\`The toy is at http://localhost:\${port}\`));
`,
};

export const chapter = `# 1 A toy

## 1.1 Greet somebody (2 minutes)

Words.

**Look at** \`src/greet.js\`:

\`\`\`js
import { names } from "./names.js";

// ...
console.log(\`Hello \${name}\`);
\`\`\`

**Run** this:

\`\`\`console
$ node src/greet.js
Hello Kim
0198f1c2-0000-7000-8000-000000000001 at 2026-11-28T10:00:00.000Z
\`\`\`

## 1.2 Greet somebody else (3 minutes)

**Run** this, and see it fail:

\`\`\`console
$ node src/greet.js Ada
...
Error: Ada is not known
...
\`\`\`

**In** \`src/names.js\`, add \`"Ada"\` to the list \`names\`.

**Create** \`src/count.js\`:

\`\`\`js
import { names } from "./names.js";

console.log("There are", names.length);
\`\`\`

**Run** this:

\`\`\`console
$ node src/greet.js Ada
Hello Ada
...
$ node src/count.js
There are 2
\`\`\`

**Start** the toy in a second terminal:

\`\`\`console
$ node src/server.js
The toy is at http://localhost:3000
\`\`\`

**Open** <http://localhost:3000/names>. You see:

\`\`\`text
Kim
Ada
\`\`\`

**In the second terminal**, you see:

\`\`\`text
asked for /names
\`\`\`

**Stop** the toy with Ctrl-C.
`;

/** A reader of the toy's page. It sees what the server answers. */
const browser = {
  async visit(
    { clauses, seen: told = [] }: Visit,
    ids: Ids,
    here: (address: string) => string,
  ): Promise<Ids> {
    const text = await (await fetch(here(clauses[0]?.what ?? ""))).text();
    const result = seen(told, text, ids);
    if ("ids" in result) return result.ids;
    throw new Error(`The page does not show ${result.missing}`);
  },
};

/** Plays the chapter in a new project. Returns what is not as told. */
export async function play(markdown: string): Promise<string | undefined> {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "toy-")));
  const project = new Project(place, "");
  const terminal = new Terminal(project.folder, await freePorts());
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project.folder, path)), { recursive: true });
      writeFileSync(join(project.folder, path), text);
    }
    execFileSync("git", ["init", "--quiet", project.folder]);
    const walk = new Walk(project, terminal, browser, new State(project.texts()), 3);
    return await problemOf(async () => {
      for (const step of toySteps(markdown)) await walk.play(step);
    });
  } finally {
    await terminal.close();
    rmSync(place, { recursive: true, force: true });
  }
}

export function toySteps(markdown = chapter): Step[] {
  return stepsOf("docs/tutorial/1-toy.md", markdown);
}
