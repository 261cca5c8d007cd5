import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { type Step, stepsIn, stepsOf } from "./chapters.ts";
import { chosenOf, type Given } from "./check.ts";
import { closingAfter } from "./closing.ts";
import { type Mutant, mutantsOf } from "./mutate.ts";
import { needsServer } from "./postgres.ts";
import { copyFolder } from "./project.ts";
import { problemOf, Stage } from "./stage.ts";

export interface MutantsGiven extends Pick<Given, "from" | "to" | "on"> {
  readonly seed: number;
  readonly count: number;
}

/**
 * Changes one line of the tutorial, or one public name of the framework, and plays the chapter from there on. Each change must
 * turn it red. Returns whether all were found.
 *
 * @param on a project as it is before the first of these steps. Then each change is played from there, because a browser in which
 * somebody is signed in is not in the folder of a step.
 */
export async function mutants(root: string, { seed, count, on, ...given }: MutantsGiven): Promise<boolean> {
  const all = stepsIn(root);
  const { before, chosen } = chosenOf(all, given);
  const tried = (before.length === 0 ? chosen.slice(1) : chosen).filter((step) => canBegin(step, all));
  const chosenMutants = mutantsOf(root, tried, seed, count);
  console.log(`Seed ${seed}: ${chosenMutants.length} changes`);
  let survivors = 0;
  const tell = (mutant: Mutant, found: string | undefined) => {
    console.log(`${found === undefined ? "NOT FOUND" : "found"}: ${mutant.words}\n    ${found ?? ""}`);
    if (found === undefined) survivors++;
  };
  const total = () => {
    console.log(`${chosenMutants.length - survivors} of ${chosenMutants.length} were found.`);
    return survivors === 0;
  };
  if (on !== undefined) {
    const folder = resolve(process.env["INIT_CWD"] ?? ".", on);
    for (const mutant of chosenMutants) tell(mutant, await foundBy(root, folder, before, mutant));
    return total();
  }
  const stage = await Stage.open(root, chosen);
  const place = mkdtempSync(join(tmpdir(), "tutorial-mutants-"));
  const close = async () => {
    await stage.close();
    rmSync(place, { recursive: true, force: true });
  };
  await closingAfter(close, async () => {
    await stage.begin(before, chosen);
    for (const step of chosen) {
      const ours = chosenMutants.filter((mutant) => mutant.step.name === step.name);
      const earlier = all.slice(0, all.indexOf(step));
      const folder = join(place, step.name, "blog");
      if (ours.length > 0) await stage.pausedFor(earlier, () => copyFolder(stage.project.folder, folder));
      for (const mutant of ours) {
        tell(mutant, await foundBy(root, folder, earlier, mutant));
      }
      rmSync(join(place, step.name), { recursive: true, force: true });
      if (chosenMutants.every((mutant) => all.indexOf(mutant.step) <= all.indexOf(step))) break;
      const problem = await stage.play(step);
      if (problem !== undefined)
        throw new Refused(`Without a change, ${step.name} is not as told: ${problem}`);
    }
  });
  return total();
}

/** What a step before has stored on a server is not in the folder. */
function canBegin(step: Step, all: readonly Step[]): boolean {
  const earlier = all.slice(0, all.indexOf(step)).filter(({ page }) => page === step.page);
  return !earlier.some(needsServer);
}

/** Plays the chapter to its end, from the step of the change on. Returns how it was found. */
async function foundBy(
  root: string,
  folder: string,
  before: readonly Step[],
  mutant: Mutant,
): Promise<string | undefined> {
  let steps: Step[];
  try {
    steps = stepsOf(mutant.step.page, mutant.page).filter(
      ({ name }) => !before.some((each) => each.name === name),
    );
  } catch (error) {
    return firstLines((error as Error).message);
  }
  const stage = await Stage.open(root, steps);
  return closingAfter(
    () => stage.close(),
    async () => {
      copyFolder(folder, stage.project.folder);
      for (const [path, change] of mutant.files) {
        const file = join(stage.project.folder, path);
        writeFileSync(file, change(readFileSync(file, "utf8")));
      }
      const early = await problemOf(() => stage.beginHere(before));
      if (early !== undefined && mutant.files.size > 0) return firstLines(early);
      if (early !== undefined)
        throw new Refused(
          `${mutant.step.name} cannot begin on its own, so its changes cannot be tried:\n${early}`,
        );
      for (const step of steps) {
        const problem = (await stage.play(step)) ?? (await stage.quality());
        if (problem !== undefined) return `${step.name}: ${firstLines(problem)}`;
      }
      return undefined;
    },
  );
}

function firstLines(problem: string): string {
  return problem
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 3)
    .join(" | ")
    .slice(0, 300);
}
