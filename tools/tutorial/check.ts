import { resolve } from "node:path";
import { noStep, type Step, stepsIn } from "./chapters.ts";
import { closingAfter } from "./closing.ts";
import { copyFolder } from "./project.ts";
import { Stage } from "./stage.ts";

export interface Given {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly on?: string | undefined;
  readonly keep?: boolean | undefined;
  readonly write?: boolean | undefined;
}

/** Plays the tutorial, in a new folder. Returns whether all is as it is told. */
export async function check(root: string, given: Given): Promise<boolean> {
  const { before, chosen } = chosenOf(stepsIn(root), given);
  const stage = await Stage.open(root, chosen, given.write);
  const close = async () => {
    await stage.close(given.keep);
    if (given.keep) console.log(`The project is in ${stage.project.folder}`);
  };
  return closingAfter(close, async () => {
    if (given.on === undefined) await stage.begin(before, chosen);
    else {
      copyFolder(resolve(process.env["INIT_CWD"] ?? ".", given.on), stage.project.folder);
      await stage.beginHere(before);
    }
    for (const step of chosen) {
      const start = performance.now();
      const problem = await stage.play(step);
      const title = `${step.name} ${step.title}`;
      if (problem !== undefined) {
        console.error(`${title}: NOT as told\n\n${problem}`);
        return false;
      }
      console.log(`${title}: as told, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    const problem = await stage.quality();
    if (problem !== undefined) console.error(problem);
    return problem === undefined;
  });
}

export function chosenOf(
  steps: readonly Step[],
  { from, to }: Pick<Given, "from" | "to">,
): { before: Step[]; chosen: Step[] } {
  const isIn = (step: Step, name: string) => step.name === name || step.name.startsWith(`${name}.`);
  for (const name of [from, to])
    if (name !== undefined && !steps.some((step) => isIn(step, name))) throw noStep(steps, name);
  const first = from === undefined ? 0 : steps.findIndex((step) => isIn(step, from));
  const last = to === undefined ? steps.length - 1 : steps.findLastIndex((step) => isIn(step, to));
  return { before: steps.slice(0, first), chosen: steps.slice(first, last + 1) };
}
