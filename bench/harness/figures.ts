/** A measurement and its ratio to a yardstick. Times depend on the machine and the moment, but ratios hardly do. */
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
  /** True if the yardstick is a fixed limit. Then the ratio depends on the machine, and is not compared with other runs. */
  readonly fixed?: true;
}

export type Unit = "/s" | "ms" | "µs" | "MB";

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export function isMet({ ratio, target }: Pick<Figure, "ratio" | "target">): boolean {
  if (!target) return true;
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}

/** True for units of which more is better. */
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

/** The shares of something. */
export interface Breakdown {
  readonly what: string;
  readonly unit: Unit;
  readonly parts: Readonly<Record<string, number>>;
}
