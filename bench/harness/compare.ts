import { type Figure, median, type Target, type Unit } from "./figures.ts";

/** Contenders to measure in turn, and the figures to calculate. */
export interface Comparison<Sample, Name extends string> {
  /** An undefined one cannot run here. It is left out, together with its figures. */
  readonly contenders: Readonly<Record<Name, (() => Promise<Sample>) | undefined>>;
  readonly figures: readonly Question<Sample, Name>[];
}

interface Question<Sample, Name> {
  readonly what: string;
  readonly ours: NoInfer<Name>;
  readonly yardstick: NoInfer<Name>;
  readonly against: string;
  readonly unit: Unit;
  readonly of: (sample: Sample) => number;
  readonly target?: Target;
}

interface Rounds {
  readonly rounds: number;
  readonly onRound?: (round: number, of: number) => void;
}

/**
 * Measures in rounds, after one round to warm up. All contenders run in each round, in reverse order in every second round. So a
 * slow moment of the machine hits neighbours alike. The result is the median of the ratios of the rounds.
 */
export async function compare<Sample, Name extends string>(
  part: string,
  { contenders, figures }: Comparison<Sample, Name>,
  { rounds, onRound = () => {} }: Rounds,
): Promise<Figure[]> {
  const names = (Object.keys(contenders) as Name[]).filter((name) => contenders[name]);
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round, rounds);
    for (const name of round % 2 ? names : names.toReversed()) {
      const sample = await contenders[name]?.();
      if (sample && round > 0) samples.get(name)?.push(sample);
    }
  }
  const asked = figures.filter(({ ours, yardstick }) => samples.has(ours) && samples.has(yardstick));
  return asked.map(({ ours, yardstick, of, ...question }) => {
    const [mine, theirs] = [ours, yardstick].map((name) => (samples.get(name) ?? []).map(of)) as [
      number[],
      number[],
    ];
    const ratios = mine.map((value, round) => value / (theirs[round] ?? Number.NaN));
    return {
      part,
      ...question,
      ours: median(mine),
      yardstick: median(theirs),
      ratio: median(ratios),
      rounds: ratios,
    };
  });
}
