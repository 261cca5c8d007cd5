import { afterAll, beforeAll, expect, test } from "vitest";
import { Copy } from "../support/copy.ts";
import { filesAfter, type Step, stepsOf } from "../support/guide.ts";

let copy: Copy;
const commands = new Set<string>();

/**
 * One after the other in one copy, as a reader may do it: a field and with it a new version of a view, an aggregate whose
 * name has a hyphen, its projector, and last a workflow, which the guides leave out.
 */
beforeAll(() => {
  copy = new Copy();
  for (const guide of ["adding-a-field", "your-first-aggregate"]) {
    const steps = stepsOf(copy.read(`docs/guides/${guide}.md`));
    for (const [path, text] of filesAfter(steps, textOf)) copy.write(path, text);
    for (const command of commandsIn(steps)) commands.add(command);
  }
  copy.write("src/domain/book-tip/thanks-workflow.ts", workflow);
  copy.edit(
    "src/blog.ts",
    ["readonly WorkflowClass[] = () => []", "readonly WorkflowClass[] = () => [ThanksWorkflow]"],
    [/^/, 'import { ThanksWorkflow } from "./domain/book-tip/thanks-workflow.ts";\n'],
  );
});
afterAll(() => copy.delete());

test("whoever follows the guides to the letter ends green", async () => {
  expect([...commands]).toEqual(expect.arrayContaining(["npm run fix", "npm run check"]));
  for (const command of commands) await run(command);
});

/** Those of the other suites that know the blog. The rest stand on the shop, and do not see what the blog lists. */
test.each([
  "npm run test:postgres -- test/postgres/blog",
  "npm run test:browser -- test/browser/pages.test.ts test/browser/keyboard.test.ts",
  "npm run test:processes -- test/processes/server.test.ts",
])("then %s is green too", run);

async function run(command: string): Promise<void> {
  const [program = "", ...rest] = command.split(" ");
  await copy.run(program, ...rest);
}

function textOf(path: string): string | undefined {
  return copy.files(path).includes(path) ? copy.read(path) : undefined;
}

function commandsIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => ("commands" in step ? step.commands : []));
}

const workflow = `import { on, Workflow } from "#sequent";
import { BookTipAdded } from "./events.ts";

export class ThanksWorkflow extends Workflow {
  readonly handlers = [on(BookTipAdded, () => {})];
}
`;
