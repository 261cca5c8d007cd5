import { afterAll, beforeAll, expect, test } from "vitest";
import { Copy } from "../support/copy.ts";
import { filesAfter, type Step, stepsOf } from "../support/guide.ts";

/** One after the other in one copy, as a reader may do it. */
const guides = ["adding-a-field", "your-first-aggregate"];

let copy: Copy;
const commands: string[] = [];

beforeAll(() => {
  copy = new Copy();
  for (const guide of guides) {
    const steps = stepsOf(copy.read(`docs/guides/${guide}.md`));
    for (const [path, text] of filesAfter(steps, textOf)) copy.write(path, text);
    commands.push(...commandsIn(steps));
  }
});
afterAll(() => copy.delete());

test("whoever follows the guides to the letter ends green", async () => {
  expect(commands).toContain("npm run fix");
  for (const command of new Set(commands)) await copy.run(...argumentsOf(command));
});

test.each([
  "test:postgres -- test/postgres/blog",
  "test:browser",
  "test:processes -- test/processes/server.test.ts",
])("then npm run %s is green too", async (suite) => {
  await copy.run("npm", "run", ...suite.split(" "));
});

function textOf(path: string): string | undefined {
  return copy.files(path).includes(path) ? copy.read(path) : undefined;
}

function commandsIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => ("commands" in step ? step.commands : []));
}

function argumentsOf(command: string): [string, ...string[]] {
  const [program = "", ...rest] = command.split(" ");
  return [program, ...rest];
}
