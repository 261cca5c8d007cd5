import { afterAll, beforeAll, expect, test } from "vitest";
import { type Act, actsOf } from "../../tools/tutorial/acts.ts";
import { Copy } from "../support/copy.ts";

let copy: Copy;
let acts: readonly Act[];

beforeAll(() => {
  copy = new Copy();
  acts = actsOf(copy.read("docs/guides/adding-a-field.md"));
  for (const act of acts) if (act.kind === "edit") copy.write(act.path, act.apply(textOf(act.path)) ?? "");
});
afterAll(() => copy.delete());

/** The tests that can see a field of a post. */
const seeing = "test/acceptance/every-field test/acceptance/writing test/unit/domain test/unit/projections";

test("whoever adds a field as the guide says ends green", async () => {
  const commands = acts.flatMap((act) => (act.kind === "run" ? act.commands.map(({ line }) => line) : []));
  expect(commands).toEqual(["npm run fix", "npm run check"]);
  for (const command of ["npm run fix", "npm run lint", "npm run types", `npm test -- ${seeing}`])
    await run(command);
});

async function run(command: string): Promise<void> {
  const [program = "", ...rest] = command.split(" ");
  await copy.run(program, ...rest);
}

function textOf(path: string): string | undefined {
  return copy.files(path).includes(path) ? copy.read(path) : undefined;
}
