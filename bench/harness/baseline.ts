import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { type Figure, moreIsBetter } from "./figures.ts";
import { rounded } from "./table.ts";

/** The ratios of an earlier run, by their names. */
type Baseline = Readonly<Record<string, number>>;

interface Loss {
  readonly part: string;
  readonly name: string;
  /** For a person. */
  readonly text: string;
}

const file = new URL("../baseline.json", import.meta.url);

/** With less than a third, a slow moment of the machine would look like a loss. */
const mostLost = 1 / 3;

/** The figures that lost more than a third of their ratio, or are not measured any more. */
export function lossesOf(figures: readonly Figure[], baseline: Baseline): Loss[] {
  const measured = new Map(figures.map((figure) => [nameOf(figure), figure]));
  return Object.entries(baseline).flatMap(([name, before]) => {
    const figure = measured.get(name);
    const loss = (text: string) => [{ part: partOf(name), name, text: `${name}: ${text}` }];
    if (!figure) return loss("is not measured any more.");
    const left = moreIsBetter(figure.unit) ? figure.ratio / before : before / figure.ratio;
    if (left >= 1 - mostLost) return [];
    return loss(
      `${rounded(figure.ratio)} × now, ${rounded(before)} × before (${Math.round((1 - left) * 100)} % lost)`,
    );
  });
}

/** Leaves out limits, because a ratio to a limit depends on the machine. */
export function baselineOf(figures: readonly Figure[]): Baseline {
  const kept = figures.filter(({ fixed }) => !fixed);
  return Object.fromEntries(kept.map((figure) => [nameOf(figure), Number(figure.ratio.toPrecision(3))]));
}

/** The ratios of these parts. */
export async function readBaseline(parts: readonly string[]): Promise<Baseline> {
  const kept = existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Baseline) : {};
  return Object.fromEntries(Object.entries(kept).filter(([name]) => parts.includes(partOf(name))));
}

export async function keepBaseline(figures: readonly Figure[]): Promise<void> {
  await writeFile(file, `${JSON.stringify(baselineOf(figures), undefined, 2)}\n`);
}

function nameOf({ part, what, against }: Figure): string {
  return `${part}: ${what} / ${against}`;
}

function partOf(name: string): string {
  return name.slice(0, name.indexOf(":"));
}
