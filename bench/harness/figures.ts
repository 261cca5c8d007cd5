/** What was measured, as a ratio to its yardstick: times depend on the machine and its mood, ratios hardly. */
export interface Figure {
  readonly part: string;
  readonly what: string;
  readonly against: string;
  readonly unit: Unit;
  /** Medians over the rounds. */
  readonly ours: number;
  readonly yardstick: number;
  readonly ratio: number;
  /** The ratio of each round. */
  readonly rounds: readonly number[];
  readonly target?: Target;
  /** The yardstick is a limit that somebody set, not a measurement of the same moment: no ratio to compare. */
  readonly fixed?: true;
}

export type Unit = "/s" | "ms" | "µs" | "MB";

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export function isMet({ ratio, target }: Pick<Figure, "ratio" | "target">): boolean {
  if (!target) return true;
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}

/** More of them in a second is better; less time and memory is. */
export function moreIsBetter(unit: Unit): boolean {
  return unit === "/s";
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const place = ((sorted.length - 1) * percent) / 100;
  const [below = Number.NaN, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

/** What something consists of. */
export interface Breakdown {
  readonly what: string;
  readonly unit: Unit;
  readonly parts: Readonly<Record<string, number>>;
}
